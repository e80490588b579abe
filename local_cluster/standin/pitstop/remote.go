package pitstop

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"time"
)

// remote is an API as the web app knows it. Its connections are kept.
type remote struct {
	host   string
	client *http.Client
}

func newRemote(host string) *remote {
	transport := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: dialTime}).DialContext,
		MaxIdleConnsPerHost: 256,
		IdleConnTimeout:     30 * time.Second,
	}
	return &remote{host, &http.Client{Transport: transport, Timeout: 100 * time.Second}}
}

// get reads one JSON answer; an answer that is not of the 200s is a statusError.
func (r *remote) get(v visit, path string, into any) error {
	return r.do(v, http.MethodGet, path, nil, into)
}

func (r *remote) send(v visit, method, path string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return r.do(v, method, path, text, &json.RawMessage{})
}

func (r *remote) do(v visit, method, path string, body []byte, into any) error {
	request, err := http.NewRequestWithContext(v.Context(), method, "http://"+r.host+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header = v.headers.Clone()
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := r.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if who := response.Header.Get(answeredBy); who != "" && !slices.Contains(v.answered[answeredBy], who) {
		v.answered.Add(answeredBy, who)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, mostBody))
	if err != nil {
		return errors.Join(errors.New("the answer broke off"), err)
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return statusError(response.StatusCode)
	}
	return json.Unmarshal(text, into)
}
