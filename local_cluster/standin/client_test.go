package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
)

// send orders requests from a client pod.
func send(t testing.TB, client *httptest.Server, told order) sendReport {
	t.Helper()
	body, err := json.Marshal(told)
	if err != nil {
		t.Fatal(err)
	}
	got := call(t, "POST", client.URL+"/send", string(body))
	expect(t, "status of /send", got.status, 200)
	var report sendReport
	got.decode(t, &report)
	return report
}

func TestAnAnswerMayNameItsVersionInAHeader(t *testing.T) {
	api := start(t, "docker.io/pitstop/webapp:1.0", nil)
	expect(t, "without a header", signedVersion(get(t, api.URL+"/").header), "")
	expect(t, "with one", signedVersion(http.Header{"Stand-In": {"cart/2.0"}}), "2.0")
}

func TestAClientPodSendsExactlyWhatItIsTold(t *testing.T) {
	service := start(t, "team/cart:v7", env{})
	client := start(t, "client", env{})
	report := send(t, client, order{Method: "PUT", URL: service.URL + "/x", Count: 500, Concurrency: 16,
		Headers: map[string]string{"User-Agent": "run-1"}, Body: "hello"})

	expect(t, "sent", report.Sent, 500)
	expect(t, "failed", report.Failed, 0)
	expect(t, "by status", report.ByStatus["200"], 500)
	expect(t, "by version", report.ByVersion["v7"], 500)
	expect(t, "errors", len(report.Errors), 0)
	expect(t, "arrived", arrived(t, service, "run-1"), 500)
	if report.Seconds <= 0 {
		t.Errorf("seconds is %v", report.Seconds)
	}
}

func TestAClientPodPassesMethodBodyHeadersAndHostOn(t *testing.T) {
	var seen *http.Request
	body := make([]byte, 5)
	service := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		seen = r
		_, _ = r.Body.Read(body)
	}))
	defer service.Close()
	send(t, start(t, "client", env{}), order{Method: "POST", URL: service.URL, Body: "hello",
		Headers: map[string]string{"end-user": "jason", "Host": "shop.example"}})
	expect(t, "method", seen.Method, "POST")
	expect(t, "header", seen.Header.Get("End-User"), "jason")
	expect(t, "host", seen.Host, "shop.example")
	expect(t, "user agent", seen.UserAgent(), clientUserName)
	expect(t, "body", string(body), "hello")
}

func TestAClientPodCountsBadAnswersAndBrokenConnectionsAsFailed(t *testing.T) {
	client := start(t, "client", env{})
	bad := start(t, "team/cart:v1", env{"FAIL_PERCENT": "100", "FAIL_STATUS": "503"})
	report := send(t, client, order{URL: bad.URL, Count: 10})
	expect(t, "failed", report.Failed, 10)
	expect(t, "by status", report.ByStatus["503"], 10)
	expect(t, "distinct errors", len(report.Errors), 1)
	expectContains(t, report.Errors[0], "status 503")

	bad.Close()
	report = send(t, client, order{URL: bad.URL, Count: 10, NewConnections: true})
	expect(t, "failed", report.Failed, 10)
	expect(t, "statuses", len(report.ByStatus), 0)
	expect(t, "distinct errors", len(report.Errors), 1)
	expectContains(t, report.Errors[0], "connection refused")

	slow := start(t, "team/cart:v1", env{"DELAY_MS": "2000"})
	report = send(t, client, order{URL: slow.URL, TimeoutSeconds: 0.1})
	expect(t, "failed", report.Failed, 1)
	expectContains(t, report.Errors[0], "deadline exceeded")
	if report.Seconds > 1 {
		t.Errorf("took %v s, expected 0.1", report.Seconds)
	}
}

func TestAClientPodKeepsConnectionsUnlessToldOtherwise(t *testing.T) {
	for fresh, expected := range map[bool]int{false: 1, true: 20} {
		remotes := map[string]bool{}
		service := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { remotes[r.RemoteAddr] = true }))
		send(t, start(t, "client", env{}), order{URL: service.URL, Count: 20, NewConnections: fresh})
		service.Close()
		expect(t, "connections", len(remotes), expected)
	}
}

func TestAWrongOrderIsRefusedWithFieldValueAndRule(t *testing.T) {
	client := start(t, "client", env{})
	for body, expected := range map[string]string{
		`{`:                                    "must be an order in JSON",
		`{"uri":"http://a"}`:                   `unknown field \"uri\"`,
		`{}`:                                   "url has the value : must be an absolute URL that starts with http://",
		`{"url":"https://a"}`:                  "url has the value https://a",
		`{"url":"http://a","count":100001}`:    "count has the value 100001: must be from 1 to 100000",
		`{"url":"http://a","count":-1}`:        "count has the value -1",
		`{"url":"http://a","concurrency":513}`: "concurrency has the value 513",
		`{"url":"http://a","timeout_seconds":-1}`:  "timeout_seconds has the value -1",
		`{"url":"http://a","method":"get"}`:        "method has the value get",
		`{"url":"http://a","headers":{"a b":"c"}}`: "headers has the value a b",
		`{"url":"http://a","headers":{"a":"b\n"}}`: "headers.a has the value",
	} {
		got := call(t, "POST", client.URL+"/send", body)
		expect(t, body, got.status, 400)
		expectContains(t, got.body, expected)
	}
	expect(t, "GET", get(t, client.URL+"/send").status, 405)
	expect(t, "other path", get(t, client.URL+"/").status, 404)
}

func TestTheVersionIsReadFromTheVersionOrThePodName(t *testing.T) {
	for body, expected := range map[string]string{
		`{"version":"v2","podname":"reviews-v1-a-b"}`: "v2",
		`{"podname":"reviews-v2-abc-def"}`:            "v2",
		`{"podname":"reviews-v3"}`:                    "v3",
		`{"podname":"ratings-abc-def"}`:               "",
		`[1]`:                                         "",
		`<html>`:                                      "",
		``:                                            "",
	} {
		expect(t, body, answerVersion([]byte(body)), expected)
	}
}
