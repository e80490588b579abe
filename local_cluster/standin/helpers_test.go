package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
)

const bookinfoImages = "docker.io/istio/examples-bookinfo-"

// TestMain lets the test binary play standin itself, for tests that need a process.
func TestMain(m *testing.M) {
	if os.Getenv("PLAY_STANDIN") == "1" {
		main()
	}
	os.Exit(m.Run())
}

type env map[string]string

func (e env) lookup(key string) (string, bool) {
	value, found := e[key]
	return value, found
}

// with returns a copy with the variables that point to a running downstream service.
func (e env) with(name string, running *httptest.Server) env {
	address, err := url.Parse(running.URL)
	if err != nil {
		panic(err)
	}
	copied := env{name + "_HOSTNAME": address.Hostname(), name + "_SERVICE_PORT": address.Port()}
	for key, value := range e {
		copied[key] = value
	}
	return copied
}

// start serves an image's stand-in, such as "reviews-v2", on loopback until the test ends.
func start(t testing.TB, image string, variables env) *httptest.Server {
	t.Helper()
	args := []string{"serve", "--image", bookinfoImages + image + ":1.20.3"}
	if strings.Contains(image, "/") {
		args[2] = image
	}
	if image == "client" {
		args = []string{"client"}
	}
	return serveArgs(t, args, variables)
}

func serveArgs(t testing.TB, args []string, variables env) *httptest.Server {
	t.Helper()
	server, _, err := configure(args, variables.lookup, io.Discard)
	if err != nil {
		t.Fatalf("%v is refused: %v", args, err)
	}
	running := httptest.NewServer(server)
	t.Cleanup(running.Close)
	return running
}

// reply is an answer as it came over the wire.
type reply struct {
	status int
	body   string
	header http.Header
}

func (r reply) decode(t testing.TB, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.body), into); err != nil {
		t.Fatalf("not the JSON expected: %v: %s", err, r.body)
	}
}

func get(t testing.TB, url string, headers ...string) reply {
	t.Helper()
	return call(t, http.MethodGet, url, "", headers...)
}

// call sends a request with headers given as name, value, name, value; it follows no redirect.
func call(t testing.TB, method, url, body string, headers ...string) reply {
	t.Helper()
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{response.StatusCode, string(text), response.Header}
}

func expect[T comparable](t testing.TB, what string, got, expected T) {
	t.Helper()
	if got != expected {
		t.Errorf("%s: got %v, expected %v", what, got, expected)
	}
}

func expectContains(t testing.TB, text, part string) {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Errorf("%q is missing in: %s", part, text)
	}
}

func expectLacks(t testing.TB, text, part string) {
	t.Helper()
	if strings.Contains(text, part) {
		t.Errorf("%q must not be in: %s", part, text)
	}
}

// arrived returns how many requests of a user agent a service has counted.
func arrived(t testing.TB, service *httptest.Server, userAgent string) int {
	t.Helper()
	var report countReport
	get(t, service.URL+requestsPath).decode(t, &report)
	sum := 0
	for _, line := range report.Requests {
		if line.UserAgent == userAgent {
			sum += line.Count
		}
	}
	return sum
}

// recorder is a downstream service that keeps the headers of what reached it.
func recorder(t testing.TB, answers func(n int) (int, string)) (*httptest.Server, *[]http.Header) {
	t.Helper()
	seen := &[]http.Header{}
	running := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*seen = append(*seen, r.Header)
		status, body := answers(len(*seen))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(running.Close)
	return running, seen
}
