package main

import (
	"fmt"
	"testing"
	"time"
)

func TestAnyOtherImageBecomesAGenericService(t *testing.T) {
	for image, expected := range map[string]genericAnswer{
		"localhost:5000/team/cart:1.2":                 {Service: "cart", Version: "1.2"},
		"docker.io/team/cart":                          {Service: "cart", Version: "latest"},
		"docker.io/team/cart@sha256:0123456789abcdef0": {Service: "cart", Version: "0123456789ab"},
	} {
		service := serveArgs(t, []string{"serve", "--image", image}, env{"HOSTNAME": "cart-1"})
		var said genericAnswer
		got := call(t, "PUT", service.URL+"/a/b?c=d", "body")
		got.decode(t, &said)
		expected.Pod, expected.Method, expected.Path = "cart-1", "PUT", "/a/b"
		expect(t, image, said, expected)
		expect(t, image+" length", got.header.Get("Content-Length"), fmt.Sprint(len(got.body)))
	}
	versioned := serveArgs(t, []string{"serve", "--image", "team/cart:1.2"}, env{"SERVICE_VERSION": "v9"})
	expectContains(t, get(t, versioned.URL+"/").body, `"version":"v9"`)
}

func TestEveryServiceAnswersProbes(t *testing.T) {
	for _, image := range []string{"productpage-v1", "details-v1", "reviews-v2", "ratings-v1", "team/cart:v1", "client"} {
		service := start(t, image, env{"FAIL_PERCENT": "100"})
		sick := start(t, image, env{"UNHEALTHY": "1"})
		for _, path := range []string{"/health", "/ready", "/live"} {
			expect(t, image+path, get(t, service.URL+path).status, 200)
			expect(t, image+path+" unhealthy", get(t, sick.URL+path).status, 503)
		}
	}
	expect(t, "an unhealthy service still answers", get(t, start(t, "team/cart:v1", env{"UNHEALTHY": "1"}).URL+"/").status, 200)
}

func TestCountersCountByMethodUserAgentAndStatusAndLeaveThemselvesOut(t *testing.T) {
	service := start(t, "ratings-v1", env{"HOSTNAME": "ratings-1"})
	for range 3 {
		get(t, service.URL+"/ratings/0", "User-Agent", "run-1")
	}
	call(t, "POST", service.URL+"/ratings/0", `{"Reviewer1":3}`, "User-Agent", "run-1")
	get(t, service.URL+"/ratings/x", "User-Agent", "run-2")
	get(t, service.URL+requestsPath, "User-Agent", "run-1")

	var report countReport
	get(t, service.URL+requestsPath, "User-Agent", "run-1").decode(t, &report)
	expect(t, "who", fmt.Sprint(report.Service, report.Version, report.Pod), fmt.Sprint("ratings", "v1", "ratings-1"))
	expect(t, "counts", fmt.Sprint(report.Requests), fmt.Sprint([]requestCount{
		{"GET", "run-1", 200, 3}, {"POST", "run-1", 200, 1}, {"GET", "run-2", 400, 1},
	}))
}

func TestAnAnswerIsInTheCountersOnceItHasArrived(t *testing.T) {
	service := start(t, "team/cart:v1", env{})
	for n := 1; n <= 200; n++ {
		get(t, service.URL+"/", "User-Agent", "run")
		if counted := arrived(t, service, "run"); counted != n {
			t.Fatalf("%d requests answered, %d counted", n, counted)
		}
	}
}

func TestCountersAreBounded(t *testing.T) {
	bounded := newCounters()
	for n := range mostKeys + 50 {
		bounded.count("GET", fmt.Sprint("agent ", n), 200)
	}
	expect(t, "keys", len(bounded.counts), mostKeys+1)
	expect(t, "others", bounded.counts[counterKey{otherAgents, otherAgents, 200}], 50)
}

func TestFaultsHitTheirShareOfRequests(t *testing.T) {
	const requests = 4000 // a share of 30 % is then within 3.5 points but once in a million runs
	service := start(t, "team/cart:v1", env{"FAIL_PERCENT": "30", "FAIL_STATUS": "502",
		"ANSWER_PERCENT": "50", "ANSWER_BODY": `{"version":"odd"}`})
	failed, odd := 0, 0
	for range requests {
		switch got := get(t, service.URL+"/"); {
		case got.status == 502:
			failed++
		case got.body == `{"version":"odd"}`:
			odd++
		}
	}
	if share := float64(failed) / requests; share < 0.265 || share > 0.335 {
		t.Errorf("share of failures is %.3f, expected about 0.30", share)
	}
	if share := float64(odd) / requests; share < 0.31 || share > 0.39 {
		t.Errorf("share of odd answers is %.3f, expected about 0.35", share)
	}
}

func TestAServiceIsNotReadyUntilItsTimeHasCome(t *testing.T) {
	service := start(t, "team/cart:v1", env{"READY_AFTER_MS": "400"})
	expect(t, "/ready at first", get(t, service.URL+"/ready").status, 503)
	expect(t, "/health at first", get(t, service.URL+"/health").status, 503)
	expect(t, "/live at first", get(t, service.URL+"/live").status, 200)
	expect(t, "/ at first", get(t, service.URL+"/").status, 503)
	time.Sleep(450 * time.Millisecond)
	for _, path := range []string{"/ready", "/health", "/live", "/"} {
		expect(t, path+" later", get(t, service.URL+path).status, 200)
	}
}
