package main

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

const (
	jsonType = "application/json"
	htmlType = "text/html; charset=utf-8"
)

// answer is a whole response. It is decided before anything is written, so that it can be
// counted first and then leave with its Content-Length in one write.
type answer struct {
	status      int
	contentType string
	body        []byte
	header      map[string]string // further headers, canonical names
}

// handler decides the answer to a request.
type handler func(*http.Request) answer

// identity says who answers.
type identity struct {
	Service string
	Version string
	Pod     string
}

// jsonAnswer encodes a value whose encoding cannot fail.
func jsonAnswer(status int, value any) answer {
	body, err := json.Marshal(value)
	if err != nil {
		return errorAnswer(http.StatusInternalServerError, "cannot encode the answer: "+err.Error())
	}
	return answer{status: status, contentType: jsonType, body: body}
}

// errorAnswer is a JSON object with the one field "error".
func errorAnswer(status int, message string) answer {
	body, _ := json.Marshal(map[string]string{"error": message})
	return answer{status: status, contentType: jsonType, body: body}
}

// notFound answers a path the service does not have.
func notFound(r *http.Request) answer {
	return errorAnswer(http.StatusNotFound, "no such path: "+r.URL.Path)
}

// methodRefused returns nil when the request's method is one of the given ones (HEAD goes with
// GET); else what to answer: 204 to OPTIONS, 405 to others.
func methodRefused(r *http.Request, methods ...string) *answer {
	for _, method := range methods {
		if r.Method == method || (method == http.MethodGet && r.Method == http.MethodHead) {
			return nil
		}
	}
	refused := errorAnswer(http.StatusMethodNotAllowed, "method "+r.Method+" is not possible here")
	if r.Method == http.MethodOptions {
		refused = answer{status: http.StatusNoContent}
	}
	refused.header = map[string]string{"Allow": strings.Join(append(methods, http.MethodOptions), ", ")}
	return &refused
}

// write sends the answer; closing says that the connection ends after it.
func (a answer) write(w http.ResponseWriter, closing bool) {
	header := w.Header()
	for name, value := range a.header {
		header[name] = []string{value}
	}
	if a.contentType != "" {
		header["Content-Type"] = []string{a.contentType}
	}
	if closing {
		header["Connection"] = []string{"close"}
	}
	if a.status != http.StatusNoContent {
		header["Content-Length"] = []string{strconv.Itoa(len(a.body))}
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // the client may be gone; nobody is left to tell
}

// productID returns the number behind a prefix such as /reviews/. ok is false when the path is
// not of that form; the id is then to be ignored. A path with something else than a number
// behind the prefix gives ok and the id "".
func productID(path, prefix string) (id string, ok bool) {
	rest, ok := strings.CutPrefix(path, prefix)
	if !ok || rest == "" || strings.Contains(rest, "/") {
		return "", false
	}
	if number, err := strconv.ParseUint(rest, 10, 31); err == nil {
		return strconv.FormatUint(number, 10), true
	}
	return "", true
}
