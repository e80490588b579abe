package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

func BenchmarkReviewsV1(b *testing.B) { benchmark(b, start(b, "reviews-v1", env{}), "/reviews/0") }

func BenchmarkReviewsV2WithRatings(b *testing.B) {
	ratings := start(b, "ratings-v1", env{})
	benchmark(b, start(b, "reviews-v2", env{}.with("RATINGS", ratings)), "/reviews/0")
}

func BenchmarkProductpage(b *testing.B) { benchmark(b, openShop(b, "v3", env{}).front, "/productpage") }

// benchmark includes the client and, where there are some, the services downstream.
func benchmark(b *testing.B, service *httptest.Server, path string) {
	transport := newTransport(false)
	b.ReportAllocs()
	b.RunParallel(func(each *testing.PB) {
		for each.Next() {
			request, _ := http.NewRequest("GET", service.URL+path, nil)
			response, err := transport.RoundTrip(request)
			if err != nil || response.StatusCode != 200 {
				b.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}
