package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds of an order to a client pod.
const (
	mostCount       = 100_000
	mostConcurrency = 512
	mostTimeout     = 300.0 // seconds, of one request
	mostOrder       = 1 << 20
	mostErrors      = 5
)

var (
	methodName     = regexp.MustCompile(`^[A-Z]{1,20}$`)
	headerName     = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
	versionInPod   = regexp.MustCompile(`-(v[0-9][A-Za-z0-9.]*)(-|$)`)
	clientUserName = "standin-client"
)

// client sends requests when it is told to.
type client struct{ kept, fresh *http.Transport }

// order is the body of POST /send. Zero values mean: GET, 1 request, 1 at a time, 10 seconds.
type order struct {
	Method         string            `json:"method"`
	URL            string            `json:"url"`
	Headers        map[string]string `json:"headers"`
	Count          int               `json:"count"`
	Concurrency    int               `json:"concurrency"`
	NewConnections bool              `json:"new_connections"`
	TimeoutSeconds float64           `json:"timeout_seconds"`
	Body           string            `json:"body"`
}

// sendReport is the answer. failed counts requests without a 2xx answer, whether there was
// another one or none; by_version counts answers that say their version.
type sendReport struct {
	Sent      int            `json:"sent"`
	Failed    int            `json:"failed"`
	ByStatus  map[string]int `json:"by_status"`
	ByVersion map[string]int `json:"by_version"`
	Seconds   float64        `json:"seconds"`
	Errors    []string       `json:"errors"`
}

func newClient() *client { return &client{kept: newTransport(false), fresh: newTransport(true)} }

func (c *client) answer(r *http.Request) answer {
	if r.URL.Path != "/send" {
		return notFound(r)
	}
	if refused := methodRefused(r, http.MethodPost); refused != nil {
		return *refused
	}
	var told order
	decoder := json.NewDecoder(io.LimitReader(r.Body, mostOrder))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&told); err != nil {
		return errorAnswer(http.StatusBadRequest, "the body must be an order in JSON: "+err.Error())
	}
	if err := told.complete(); err != nil {
		return errorAnswer(http.StatusBadRequest, err.Error())
	}
	return jsonAnswer(http.StatusOK, c.send(r.Context(), told))
}

// complete fills in what the order leaves open; its error names every wrong field, one a line.
func (o *order) complete() error {
	if o.Method == "" {
		o.Method = http.MethodGet
	}
	if o.Count == 0 {
		o.Count = 1
	}
	if o.Concurrency == 0 {
		o.Concurrency = 1
	}
	if o.TimeoutSeconds == 0 {
		o.TimeoutSeconds = 10
	}
	var problems []error
	check := func(good bool, field string, value any, rule string) {
		if !good {
			problems = append(problems, fmt.Errorf("%s has the value %v: must be %s", field, value, rule))
		}
	}
	target, err := url.Parse(o.URL)
	check(err == nil && target.Scheme == "http" && target.Host != "", "url", o.URL, "an absolute URL that starts with http://")
	check(methodName.MatchString(o.Method), "method", o.Method, "an HTTP method in capitals")
	check(o.Count >= 1 && o.Count <= mostCount, "count", o.Count, fmt.Sprintf("from 1 to %d", mostCount))
	check(o.Concurrency >= 1 && o.Concurrency <= mostConcurrency, "concurrency", o.Concurrency, fmt.Sprintf("from 1 to %d", mostConcurrency))
	check(o.TimeoutSeconds > 0 && o.TimeoutSeconds <= mostTimeout, "timeout_seconds", o.TimeoutSeconds, fmt.Sprintf("above 0 and at most %v", mostTimeout))
	for name, value := range o.Headers {
		check(headerName.MatchString(name), "headers", name, "header names")
		check(!strings.ContainsAny(value, "\r\n\x00"), "headers."+name, value, "one line")
	}
	return errors.Join(problems...)
}

// send sends the order's requests and reports on them. It ends early when the order's sender is gone.
func (c *client) send(ctx context.Context, told order) sendReport {
	transport := c.kept
	if told.NewConnections {
		transport = c.fresh
	}
	var taken atomic.Int64
	var workers sync.WaitGroup
	var mutex sync.Mutex
	total := newSendReport()
	started := time.Now()
	for range min(told.Concurrency, told.Count) {
		workers.Go(func() {
			own := newSendReport()
			for taken.Add(1) <= int64(told.Count) && ctx.Err() == nil {
				own.add(one(ctx, transport, told))
			}
			mutex.Lock()
			defer mutex.Unlock()
			total.merge(own)
		})
	}
	workers.Wait()
	total.Seconds = time.Since(started).Seconds()
	return total
}

// one sends one request and returns what came back: status 0 and an error when nothing did. A
// kept connection that the server closed while it was idle is replaced, as browsers do.
func one(ctx context.Context, transport *http.Transport, told order) (status int, version string, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(told.TimeoutSeconds*float64(time.Second)))
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, told.Method, told.URL, strings.NewReader(told.Body))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("User-Agent", clientUserName)
	for name, value := range told.Headers {
		if strings.EqualFold(name, "Host") {
			request.Host = value
		} else {
			request.Header.Set(name, value)
		}
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	body, err := readBody(response)
	if err != nil {
		return 0, "", fmt.Errorf("the answer broke off: %w", err)
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		err = fmt.Errorf("status %d: %.120s", response.StatusCode, strings.TrimSpace(string(body)))
	}
	return response.StatusCode, cmp.Or(signedVersion(response.Header), answerVersion(body)), err
}

// signedVersion reads a version out of the header by which a stand-in says who it is: cart/2.0.
func signedVersion(header http.Header) string {
	_, version, _ := strings.Cut(header.Get("Stand-In"), "/")
	return version
}

// answerVersion reads a version out of a JSON answer: field version, else podname such as
// reviews-v2-5c4f-x8k2; empty when there is neither.
func answerVersion(body []byte) string {
	var said struct {
		Version string `json:"version"`
		Podname string `json:"podname"`
	}
	if len(body) == 0 || body[0] != '{' || json.Unmarshal(body, &said) != nil {
		return ""
	}
	if said.Version != "" {
		return said.Version
	}
	if match := versionInPod.FindStringSubmatch(said.Podname); match != nil {
		return match[1]
	}
	return ""
}

func newSendReport() sendReport {
	return sendReport{ByStatus: map[string]int{}, ByVersion: map[string]int{}, Errors: []string{}}
}

func (s *sendReport) add(status int, version string, err error) {
	s.Sent++
	if status != 0 {
		s.ByStatus[fmt.Sprint(status)]++
	}
	if version != "" {
		s.ByVersion[version]++
	}
	if err != nil {
		s.Failed++
		s.note(reason(err))
	}
}

// reason words an error without the caller's own port, so that equal causes read alike.
func reason(err error) string {
	var network *net.OpError
	if errors.As(err, &network) && network.Addr != nil {
		return fmt.Sprintf("%s %v: %v", network.Op, network.Addr, network.Err)
	}
	return err.Error()
}

// note keeps the first distinct errors.
func (s *sendReport) note(text string) {
	for _, known := range s.Errors {
		if known == text {
			return
		}
	}
	if len(s.Errors) < mostErrors {
		s.Errors = append(s.Errors, text)
	}
}

func (s *sendReport) merge(other sendReport) {
	s.Sent += other.Sent
	s.Failed += other.Failed
	for status, count := range other.ByStatus {
		s.ByStatus[status] += count
	}
	for version, count := range other.ByVersion {
		s.ByVersion[version] += count
	}
	for _, text := range other.Errors {
		s.note(text)
	}
}
