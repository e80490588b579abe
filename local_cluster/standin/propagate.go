package main

import (
	"net/http"
	"strings"
)

// propagated are the headers, by canonical name, that go from a request to the calls made on its
// behalf, besides those that start with one of propagatedPrefixes.
var propagated = map[string]bool{
	"X-Request-Id":          true,
	"B3":                    true,
	"Traceparent":           true,
	"Tracestate":            true,
	"X-Ot-Span-Context":     true,
	"X-Cloud-Trace-Context": true,
	"Grpc-Trace-Bin":        true,
	"Sw8":                   true,
	"Cookie":                true,
	"Authorization":         true,
	"Jwt":                   true,
	"User-Agent":            true,
	"End-User":              true,
}

var propagatedPrefixes = []string{"X-B3-", "X-Datadog-"}

// propagate returns the headers for a call downstream. A request without a user agent leads to
// calls without one.
func propagate(in http.Header) http.Header {
	out := make(http.Header, len(in)+1)
	out["User-Agent"] = nil
	for name, values := range in {
		if propagated[name] || hasPrefix(name, propagatedPrefixes) {
			out[name] = values
		}
	}
	return out
}

func hasPrefix(name string, prefixes []string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
