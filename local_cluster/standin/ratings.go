package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
)

// Bounds of what a ratings service takes and keeps.
const (
	mostRatedProducts = 1000
	mostRaters        = 100
	mostRatingsBody   = 64 << 10 // bytes
)

// ratings knows how many stars each reviewer gave. Stars sent to it are kept until it ends.
type ratings struct {
	id    identity
	mutex sync.RWMutex
	given map[int]map[string]int
}

// productRatings is the answer of the ratings service.
type productRatings struct {
	ID      int            `json:"id"`
	Ratings map[string]int `json:"ratings"`
	Podname string         `json:"podname"`
	Version string         `json:"version"`
}

var firstRatings = map[string]int{"Reviewer1": 5, "Reviewer2": 4}

func newRatings(id identity) *ratings {
	return &ratings{id: id, given: map[int]map[string]int{}}
}

func (s *ratings) answer(r *http.Request) answer {
	id, ok := productID(r.URL.Path, "/ratings/")
	if !ok {
		return notFound(r)
	}
	if refused := methodRefused(r, http.MethodGet, http.MethodPost); refused != nil {
		return *refused
	}
	if id == "" {
		return errorAnswer(http.StatusBadRequest, "the product id must be a whole number")
	}
	product, _ := strconv.Atoi(id)
	if r.Method == http.MethodPost {
		return s.give(product, r.Body)
	}
	s.mutex.RLock()
	stars, found := s.given[product]
	s.mutex.RUnlock()
	if !found {
		stars = firstRatings
	}
	return s.show(product, stars)
}

// give replaces a product's ratings by those in the body: {"name": stars, ...}, stars 1 to 5.
func (s *ratings) give(product int, body io.Reader) answer {
	var stars map[string]int
	text, err := io.ReadAll(io.LimitReader(body, mostRatingsBody))
	if err == nil {
		err = json.Unmarshal(text, &stars)
	}
	if err != nil || len(stars) == 0 || len(stars) > mostRaters {
		return errorAnswer(http.StatusBadRequest, "the body must be a JSON object of 1 to 100 names with their stars")
	}
	for name, count := range stars {
		if count < 1 || count > 5 {
			return errorAnswer(http.StatusBadRequest, "the stars of "+name+" must be a whole number from 1 to 5")
		}
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if _, known := s.given[product]; !known && len(s.given) >= mostRatedProducts {
		return errorAnswer(http.StatusInsufficientStorage, "ratings of 1000 products are kept, no more")
	}
	s.given[product] = stars
	return s.show(product, stars)
}

func (s *ratings) show(product int, stars map[string]int) answer {
	return jsonAnswer(http.StatusOK, productRatings{product, stars, s.id.Pod, s.id.Version})
}
