package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"time"
)

const ratingsUnavailable = "Ratings cannot be shown right now"

var colorName = regexp.MustCompile(`^[a-z]{1,20}$`)

// reviews holds two reviews; from v2 on it asks ratings for the stars that go with them.
type reviews struct {
	id      identity
	cluster string
	color   string
	ratings *downstream // nil: reviews without stars
}

// productReviews is the answer of the reviews service. version is an addition of the stand-in.
type productReviews struct {
	ID          string   `json:"id"`
	Podname     string   `json:"podname"`
	Clustername string   `json:"clustername"`
	Version     string   `json:"version"`
	Reviews     []review `json:"reviews"`
}

type review struct {
	Reviewer string  `json:"reviewer"`
	Text     string  `json:"text"`
	Rating   *rating `json:"rating,omitempty"`
}

// rating has either stars (1 to 5) and a colour, or an error.
type rating struct {
	Stars int    `json:"stars,omitempty"`
	Color string `json:"color,omitempty"`
	Error string `json:"error,omitempty"`
}

// newReviews builds v1 (no stars), v2 (black ones, ratings may take 10 s) or v3 (red, 2.5 s).
func newReviews(id identity, settings *settings) *reviews {
	color, timeout := "black", 10*time.Second
	if id.Version == "v3" {
		color, timeout = "red", 2500*time.Millisecond
	}
	s := &reviews{id: id, cluster: settings.text("CLUSTER_NAME", "null"), color: settings.text("STAR_COLOR", color)}
	if !colorName.MatchString(s.color) {
		settings.refuse("environment variable STAR_COLOR", s.color, "must be a colour's name, such as black or red")
	}
	if settings.yes("ENABLE_RATINGS", id.Version != "v1") {
		s.ratings = newDownstream(settings, "ratings", timeout, 1)
	}
	return s
}

func (s *reviews) answer(r *http.Request) answer {
	id, ok := productID(r.URL.Path, "/reviews/")
	if !ok {
		return notFound(r)
	}
	if refused := methodRefused(r, http.MethodGet); refused != nil {
		return *refused
	}
	if id == "" {
		return errorAnswer(http.StatusBadRequest, "the product id must be a whole number")
	}
	first, second := s.stars(r, id)
	return jsonAnswer(http.StatusOK, productReviews{
		ID: id, Podname: s.id.Pod, Clustername: s.cluster, Version: s.id.Version,
		Reviews: []review{
			{"Reviewer1", "I missed my stop twice because of this book. The ferry chapter alone is worth the price.", first},
			{"Reviewer2", "Slow to start, then impossible to put down. The map on the last page explains a lot.", second},
		},
	})
}

// stars returns the ratings of both reviewers: nil without ratings, an error in place of stars
// when the ratings service fails or does not know them.
func (s *reviews) stars(r *http.Request, id string) (first, second *rating) {
	if s.ratings == nil {
		return nil, nil
	}
	var known productRatings
	status, body := s.ratings.get(r, "/ratings/"+id, propagate(r.Header))
	if status != http.StatusOK || json.Unmarshal(body, &known) != nil {
		known.Ratings = nil
	}
	return s.rating(known.Ratings["Reviewer1"]), s.rating(known.Ratings["Reviewer2"])
}

func (s *reviews) rating(stars int) *rating {
	if stars < 1 || stars > 5 {
		return &rating{Error: ratingsUnavailable}
	}
	return &rating{Stars: stars, Color: s.color}
}
