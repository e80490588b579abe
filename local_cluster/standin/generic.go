package main

import "net/http"

// generic answers every path and method with who it is and what it was asked.
type generic struct{ id identity }

type genericAnswer struct {
	Service string `json:"service"`
	Version string `json:"version"`
	Pod     string `json:"pod"`
	Method  string `json:"method"`
	Path    string `json:"path"`
}

func newGeneric(id identity) *generic { return &generic{id} }

func (g *generic) answer(r *http.Request) answer {
	return jsonAnswer(http.StatusOK, genericAnswer{g.id.Service, g.id.Version, g.id.Pod, r.Method, r.URL.Path})
}
