package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// mostKeys bounds the memory of the counters; requests beyond it count for the user agent otherAgents.
const (
	mostKeys    = 20_000
	otherAgents = "(other)"
)

type counterKey struct {
	method    string
	userAgent string
	status    int
}

// counters counts answers by method, user agent and status.
type counters struct {
	mutex  sync.Mutex
	counts map[counterKey]int
}

// requestCount is one line of the report.
type requestCount struct {
	Method    string `json:"method"`
	UserAgent string `json:"user_agent"`
	Status    int    `json:"status"`
	Count     int    `json:"count"`
}

// countReport is what GET /stand-in/requests answers.
type countReport struct {
	Service  string         `json:"service"`
	Version  string         `json:"version"`
	Pod      string         `json:"pod"`
	Requests []requestCount `json:"requests"`
}

func newCounters() *counters {
	return &counters{counts: map[counterKey]int{}}
}

func (c *counters) count(method, userAgent string, status int) {
	key := counterKey{method, userAgent, status}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if _, known := c.counts[key]; !known {
		if len(c.counts) >= mostKeys {
			key.method, key.userAgent = otherAgents, otherAgents
		} else { // clones: a key must not keep the request's whole header alive
			key.method, key.userAgent = strings.Clone(method), strings.Clone(userAgent)
		}
	}
	c.counts[key]++
}

// report lists all counts, ordered by user agent, method and status.
func (c *counters) report(id identity) countReport {
	c.mutex.Lock()
	requests := make([]requestCount, 0, len(c.counts))
	for key, count := range c.counts {
		requests = append(requests, requestCount{key.method, key.userAgent, key.status, count})
	}
	c.mutex.Unlock()
	slices.SortFunc(requests, func(a, b requestCount) int {
		return cmp.Or(cmp.Compare(a.UserAgent, b.UserAgent), cmp.Compare(a.Method, b.Method), cmp.Compare(a.Status, b.Status))
	})
	return countReport{Service: id.Service, Version: id.Version, Pod: id.Pod, Requests: requests}
}

// metrics writes the counts, without user agents, in Prometheus' text format.
func (c *counters) metrics(id identity) []byte {
	sums := map[counterKey]int{}
	for _, line := range c.report(id).Requests {
		sums[counterKey{method: line.Method, status: line.Status}] += line.Count
	}
	keys := make([]counterKey, 0, len(sums))
	for key := range sums {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b counterKey) int {
		return cmp.Or(cmp.Compare(a.method, b.method), cmp.Compare(a.status, b.status))
	})
	var text strings.Builder
	text.WriteString("# HELP standin_requests_total Requests answered since the start.\n# TYPE standin_requests_total counter\n")
	for _, key := range keys {
		fmt.Fprintf(&text, "standin_requests_total{service=%q,version=%q,method=%q,status=\"%d\"} %d\n",
			id.Service, id.Version, key.method, key.status, sums[key])
	}
	return []byte(text.String())
}
