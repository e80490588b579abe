package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// mostBody bounds what is read of an answer, in bytes.
const mostBody = 1 << 20

// downstream is a service that another one calls.
type downstream struct {
	name      string
	host      string        // host:port
	timeout   time.Duration // of one try
	tries     int
	transport http.RoundTripper
}

// newDownstream reads where a service is: its host name and port from NAME_HOSTNAME and
// NAME_SERVICE_PORT, with SERVICES_DOMAIN behind the host name when it is set.
func newDownstream(settings *settings, name string, timeout time.Duration, tries int) *downstream {
	prefix := strings.ToUpper(name)
	host := settings.host(prefix+"_HOSTNAME", name)
	if domain := settings.host("SERVICES_DOMAIN", ""); domain != "" {
		host += "." + domain
	}
	port := settings.whole(prefix+"_SERVICE_PORT", 9080, 1, 65535)
	return &downstream{
		name:      name,
		host:      net.JoinHostPort(host, strconv.Itoa(port)),
		timeout:   timeout,
		tries:     tries,
		transport: newTransport(settings.yes("NEW_CONNECTIONS", false)),
	}
}

// newTransport keeps as many connections as there are calls at a time, or none at all.
func newTransport(newConnections bool) *http.Transport {
	return &http.Transport{
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		MaxIdleConnsPerHost:   1024,
		IdleConnTimeout:       30 * time.Second,
		DisableCompression:    true,
		DisableKeepAlives:     newConnections,
		ExpectContinueTimeout: time.Second,
	}
}

// get calls GET path on behalf of a request, with the headers given, until a try answers 200 with
// JSON. It returns the last try's status, 500 when there was no answer, and the body of a 200.
func (d *downstream) get(in *http.Request, path string, headers http.Header) (int, []byte) {
	status := http.StatusInternalServerError
	for range d.tries {
		answered, body, err := d.try(in.Context(), path, headers)
		switch {
		case err != nil:
			status = http.StatusInternalServerError
		case answered == http.StatusOK:
			return answered, body
		default:
			status = answered
		}
		if in.Context().Err() != nil {
			break
		}
	}
	return status, nil
}

func (d *downstream) try(ctx context.Context, path string, headers http.Header) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	request := (&http.Request{
		Method: http.MethodGet,
		URL:    &url.URL{Scheme: "http", Host: d.host, Path: path},
		Header: headers,
		Proto:  "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(ctx)
	response, err := d.transport.RoundTrip(request)
	if err != nil {
		return 0, nil, fmt.Errorf("%s: %w", d.name, err)
	}
	defer response.Body.Close()
	body, err := readBody(response)
	if err == nil && response.StatusCode == http.StatusOK && !json.Valid(body) {
		err = errors.New("answer is not JSON")
	}
	if err != nil {
		return 0, nil, fmt.Errorf("%s: %w", d.name, err)
	}
	return response.StatusCode, body, nil
}

// readBody reads an answer to its end, so that its connection can be kept; mostBody at most.
func readBody(response *http.Response) ([]byte, error) {
	var body bytes.Buffer
	if length := response.ContentLength; length > 0 && length <= mostBody {
		body.Grow(int(length) + bytes.MinRead)
	}
	_, err := body.ReadFrom(io.LimitReader(response.Body, mostBody))
	return body.Bytes(), err
}
