package main

import (
	"io"
	"regexp"
	"strings"

	"mesh-canary/standin/pitstop"
)

var bookinfoImage = regexp.MustCompile(`^examples-bookinfo-(productpage|details|reviews|ratings)-(.+)$`)

// image is what a container image's reference says.
type image struct {
	repository string // without tag and digest
	name       string // last part of the repository
	tag        string // empty when there is none
	digest     string // such as sha256:12ab...; empty when there is none
}

// parseImage splits a reference such as registry:5000/team/cart:1.2@sha256:12ab.
func parseImage(reference string) image {
	reference, digest, _ := strings.Cut(reference, "@")
	last := reference[strings.LastIndexByte(reference, '/')+1:]
	name, tag, _ := strings.Cut(last, ":")
	repository := strings.TrimSuffix(reference, last) + name
	return image{repository: repository, name: name, tag: tag, digest: digest}
}

// version is the tag, else the start of the digest, else "latest".
func (i image) version() string {
	if i.tag != "" {
		return i.tag
	}
	if _, hash, found := strings.Cut(i.digest, ":"); found {
		return hash[:min(12, len(hash))]
	}
	return "latest"
}

// play makes the server act as the service an image holds. Wrong settings are recorded there.
func (s *server) play(reference string, settings *settings, log io.Writer) {
	parsed := parseImage(reference)
	if parsed.name == "" {
		settings.refuse("flag --image", reference, "must name an image, such as docker.io/istio/examples-bookinfo-reviews-v2:1.20.3")
		return
	}
	match := bookinfoImage.FindStringSubmatch(parsed.name)
	if match == nil {
		id := identity{Service: parsed.name, Version: settings.text("SERVICE_VERSION", parsed.version())}
		id = s.become(id, nil)
		if pitstop.Plays(parsed.repository) {
			s.playPitstop(parsed.repository, parsed.tag, settings, log)
			return
		}
		s.handle = newGeneric(id).answer
		return
	}
	id := s.become(identity{Service: match[1], Version: match[2]}, nil)
	switch id.Service {
	case "productpage":
		s.handle = newProductpage(settings, s.counters, id).answer
	case "details":
		s.handle = newDetails(id).answer
	case "ratings":
		s.handle = newRatings(id).answer
	case "reviews":
		if id.Version != "v1" && id.Version != "v2" && id.Version != "v3" {
			settings.refuse("flag --image", reference, "must be reviews v1, v2 or v3: there is no other version")
			return
		}
		s.handle = newReviews(id, settings).answer
	}
}
