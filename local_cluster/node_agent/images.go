package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"
	"sigs.k8s.io/yaml"
)

// How a container of a registered image is run.
const (
	modeProcess    = "process"     // the registered command
	modeIstioProxy = "istio-proxy" // pilot-agent with the container's own args and env
	modeIstiod     = "istiod"      // pilot-discovery in the cluster's namespace
	modePretend    = "pretend"     // no process, running and ready (images that are not registered)
)

// imageRule is one entry of images.yaml. The first rule whose glob matches wins.
type imageRule struct {
	Image    string   `json:"image"`     // glob over the repository: no tag, no digest; * also matches /
	Command  []string `json:"command"`   // replaces the image's entry point; $(IMAGE) and $(ENV) are expanded
	User     *int     `json:"user"`      // uid and gid of the process; default: runAsUser, else nobody
	Mode     string   `json:"mode"`      // default: process
	PassArgs bool     `json:"pass_args"` // append the container's own command and args
	Volumes  bool     `json:"volumes"`   // the process sees the container's volumes at their mount paths

	globs []*regexp.Regexp // of Image as written and in full
}

// parseImages reads images.yaml. Errors name the entry.
func parseImages(text []byte) ([]imageRule, error) {
	var rules []imageRule
	if err := yaml.UnmarshalStrict(text, &rules); err != nil {
		return nil, err
	}
	for i := range rules {
		r := &rules[i]
		if r.Image == "" {
			return nil, fmt.Errorf("entry %d: image is missing", i+1)
		}
		if r.Mode == "" {
			r.Mode = modeProcess
		}
		switch r.Mode {
		case modeIstioProxy, modeIstiod, modePretend:
		case modeProcess:
			if len(r.Command) == 0 {
				return nil, fmt.Errorf("entry %d (%s): command is missing", i+1, r.Image)
			}
		default:
			return nil, fmt.Errorf("entry %d (%s): unknown mode %q", i+1, r.Image, r.Mode)
		}
		r.globs = []*regexp.Regexp{compileGlob(r.Image), compileGlob(fullRepository(r.Image))}
	}
	return rules, nil
}

// compileGlob: * stands for any text, ? for one character other than /.
func compileGlob(glob string) *regexp.Regexp {
	pattern := strings.NewReplacer(`\*`, ".*", `\?`, "[^/]").Replace(regexp.QuoteMeta(glob))
	return regexp.MustCompile("^" + pattern + "$")
}

// matchImage finds the rule of an image. A rule may spell the repository as the pod does or in full
// (curlimages/curl is docker.io/curlimages/curl, nginx is docker.io/library/nginx).
func matchImage(rules []imageRule, image string) (imageRule, bool) {
	short := repositoryOf(image)
	full := fullRepository(short)
	for _, r := range rules {
		for _, g := range r.globs {
			if g.MatchString(short) || g.MatchString(full) {
				return r, true
			}
		}
	}
	return imageRule{}, false
}

// repositoryOf drops tag and digest. The colon of a registry's port is no tag.
func repositoryOf(image string) string {
	image, _, _ = strings.Cut(image, "@")
	if i := strings.LastIndex(image, ":"); i > strings.LastIndex(image, "/") {
		image = image[:i]
	}
	return image
}

func fullRepository(repository string) string {
	host, _, found := strings.Cut(repository, "/")
	switch {
	case !found:
		return "docker.io/library/" + repository
	case strings.ContainsAny(host, ".:") || host == "localhost":
		return repository
	}
	return "docker.io/" + repository
}

// imageBook holds the rules of images.yaml as last read without an error.
type imageBook struct {
	path  string
	rules atomic.Pointer[[]imageRule]
}

func openImageBook(path string) (*imageBook, error) {
	b := &imageBook{path: path}
	return b, b.read()
}

func (b *imageBook) read() error {
	text, err := os.ReadFile(b.path)
	if err != nil {
		return err
	}
	rules, err := parseImages(text)
	if err != nil {
		return fmt.Errorf("%s: %w", b.path, err)
	}
	b.rules.Store(&rules)
	return nil
}

func (b *imageBook) match(image string) (imageRule, bool) { return matchImage(*b.rules.Load(), image) }

// settleTime is how long a writer that does not replace the file at once may take between emptying and filling it.
const settleTime = 20 * time.Millisecond

// watch reads the file again whenever it was written or replaced. A broken file keeps the old rules.
// Pods that exist keep what they run; pods that come are run by the new rules.
func (b *imageBook) watch(ctx context.Context) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer w.Close()
	if err := w.Add(filepath.Dir(b.path)); err != nil { // the folder: editors replace the file
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case event := <-w.Events:
			if event.Name != b.path || event.Op&(fsnotify.Write|fsnotify.Create) == 0 {
				continue
			}
			time.Sleep(settleTime)
			if err := b.read(); err != nil {
				slog.Warn("images file refused, the old rules stay", "err", err)
				continue
			}
			slog.Info("images file read", "rules", len(*b.rules.Load()))
		case err := <-w.Errors:
			slog.Warn("images file is no longer watched reliably", "err", err)
		}
	}
}
