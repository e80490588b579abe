package main

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestReviewsShowNoStarsInV1BlackOnesInV2RedOnesInV3(t *testing.T) {
	ratings := start(t, "ratings-v1", env{})
	for version, color := range map[string]string{"v1": "", "v2": "black", "v3": "red"} {
		pod := "reviews-" + version + "-5c4f9-x8k2q"
		service := start(t, "reviews-"+version, env{"HOSTNAME": pod}.with("RATINGS", ratings))
		var said productReviews
		got := get(t, service.URL+"/reviews/7")
		got.decode(t, &said)

		expect(t, version+" status", got.status, 200)
		expect(t, version+" id", said.ID, "7")
		expect(t, version+" podname", said.Podname, pod)
		expect(t, version+" version", said.Version, version)
		expect(t, version+" reviews", len(said.Reviews), 2)
		expectContains(t, got.body, `"clustername":"null"`)
		for i, stars := range []int{5, 4} {
			given := said.Reviews[i].Rating
			if color == "" {
				expect(t, version+" has no rating", given == nil, true)
				continue
			}
			if given == nil {
				t.Fatalf("%s has no rating: %s", version, got.body)
			}
			expect(t, version+" rating", *given, rating{Stars: stars, Color: color})
		}
	}
	expect(t, "calls of ratings", arrived(t, ratings, "Go-http-client/1.1"), 2)
}

func TestReviewsAnswerWithoutStarsWhenRatingsFail(t *testing.T) {
	ratings := start(t, "ratings-v1", env{"FAIL_PERCENT": "100", "FAIL_STATUS": "503"})
	service := start(t, "reviews-v2", env{}.with("RATINGS", ratings))
	var said productReviews
	got := get(t, service.URL+"/reviews/0")
	got.decode(t, &said)

	expect(t, "status", got.status, 200)
	expect(t, "reviews", len(said.Reviews), 2)
	for _, each := range said.Reviews {
		expect(t, "rating", *each.Rating, rating{Error: ratingsUnavailable})
	}
}

func TestReviewsV3GiveUpOnSlowRatingsAfterTwoAndAHalfSecondsAndV2Waits(t *testing.T) {
	t.Parallel()
	ratings := start(t, "ratings-v1", env{"DELAY_MS": "2700"})
	for version, expected := range map[string]rating{"v2": {Stars: 5, Color: "black"}, "v3": {Error: ratingsUnavailable}} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			service := start(t, "reviews-"+version, env{}.with("RATINGS", ratings))
			began := time.Now()
			var said productReviews
			get(t, service.URL+"/reviews/0").decode(t, &said)
			took := time.Since(began)

			expect(t, "rating", *said.Reviews[0].Rating, expected)
			if version == "v3" && (took < 2400*time.Millisecond || took > 2690*time.Millisecond) {
				t.Errorf("v3 took %v, expected about 2.5 s", took)
			}
		})
	}
}

func TestRatingsSentAreShownAfterwards(t *testing.T) {
	service := start(t, "ratings-v1", env{})
	expectContains(t, get(t, service.URL+"/ratings/3").body, `"ratings":{"Reviewer1":5,"Reviewer2":4}`)

	posted := call(t, "POST", service.URL+"/ratings/3", `{"Reviewer1":1,"Reviewer2":2}`)

	expect(t, "status", posted.status, 200)
	expectContains(t, get(t, service.URL+"/ratings/3").body, `"id":3,"ratings":{"Reviewer1":1,"Reviewer2":2}`)
	expectContains(t, get(t, service.URL+"/ratings/4").body, `{"Reviewer1":5,"Reviewer2":4}`)
}

func TestRatingsThatAreNoStarsAreRefusedAndNotKept(t *testing.T) {
	service := start(t, "ratings-v1", env{})
	for _, body := range []string{`{"Reviewer1":6}`, `{"Reviewer1":0}`, `{"Reviewer1":"5"}`, `[5]`, `{}`, ``, `null`} {
		expect(t, body, call(t, "POST", service.URL+"/ratings/0", body).status, 400)
	}
	expectContains(t, get(t, service.URL+"/ratings/0").body, `{"Reviewer1":5,"Reviewer2":4}`)
}

func TestBackEndsRefuseWhatIsNoProductNoPathOrNoMethod(t *testing.T) {
	for _, name := range []string{"details", "reviews", "ratings"} {
		service := start(t, name+"-v1", env{})
		expect(t, name+" known", get(t, service.URL+"/"+name+"/0").status, 200)
		expect(t, name+" no number", get(t, service.URL+"/"+name+"/abc").status, 400)
		expect(t, name+" negative", get(t, service.URL+"/"+name+"/-1").status, 400)
		expect(t, name+" other path", get(t, service.URL+"/books/0").status, 404)
		refused := call(t, "DELETE", service.URL+"/"+name+"/0", "")
		expect(t, name+" method", refused.status, 405)
		expectContains(t, refused.header.Get("Allow"), "GET")
		expect(t, name+" HEAD", call(t, "HEAD", service.URL+"/"+name+"/0", "").status, 200)
		expect(t, name+" OPTIONS", call(t, "OPTIONS", service.URL+"/"+name+"/0", "").status, 204)
	}
}

func TestDetailsHaveTheFieldsOfTheRealOnes(t *testing.T) {
	var said map[string]any
	get(t, start(t, "details-v1", env{}).URL+"/details/12").decode(t, &said)
	for _, field := range []string{"id", "author", "year", "type", "pages", "publisher", "language", "ISBN-10", "ISBN-13"} {
		if said[field] == nil || said[field] == "" {
			t.Errorf("field %s is missing in %v", field, said)
		}
	}
	expect(t, "id", said["id"], any(12.0))
}

func TestTraceHeadersAndIdentityReachTheLastServiceAndOthersDoNot(t *testing.T) {
	ratings, seen := recorder(t, func(int) (int, string) { return 200, `{"ratings":{"Reviewer1":5,"Reviewer2":4}}` })
	reviews := start(t, "reviews-v2", env{}.with("RATINGS", ratings))
	front := start(t, "productpage-v1", env{}.with("REVIEWS", reviews))
	passed := []string{"X-Request-Id", "B3", "X-B3-Traceid", "X-B3-Spanid", "X-B3-Sampled", "X-B3-Flags", "Traceparent",
		"Tracestate", "X-Ot-Span-Context", "X-Datadog-Trace-Id", "X-Datadog-Parent-Id", "X-Cloud-Trace-Context",
		"Grpc-Trace-Bin", "Sw8", "Cookie", "Authorization", "Jwt", "User-Agent", "End-User"}
	headers := []string{"X-Private", "stays", "Accept-Language", "stays"}
	for _, name := range passed {
		headers = append(headers, name, "value of "+name)
	}

	expect(t, "status", get(t, front.URL+"/api/v1/products/0/reviews", headers...).status, 200)

	if len(*seen) != 1 {
		t.Fatalf("ratings got %d requests, expected 1", len(*seen))
	}
	for _, name := range passed {
		expect(t, name, strings.Join((*seen)[0][name], "|"), "value of "+name)
	}
	expect(t, "X-Private", (*seen)[0].Get("X-Private"), "")
	expect(t, "Accept-Language", (*seen)[0].Get("Accept-Language"), "")
}

func TestReviewsTakeTheirColourFromStarColorAndTheirStarsFromEnableRatings(t *testing.T) {
	ratings := start(t, "ratings-v1", env{})
	blue := start(t, "reviews-v1", env{"ENABLE_RATINGS": "true", "STAR_COLOR": "blue"}.with("RATINGS", ratings))
	expectContains(t, get(t, blue.URL+"/reviews/0").body, `{"stars":5,"color":"blue"}`)
	plain := start(t, "reviews-v3", env{"ENABLE_RATINGS": "false"}.with("RATINGS", ratings))
	expectLacks(t, get(t, plain.URL+"/reviews/0").body, "rating")
}

func TestServicesDomainGoesBehindTheHostNames(t *testing.T) {
	read := &settings{env: env{"SERVICES_DOMAIN": "shop.svc", "REVIEWS_HOSTNAME": "opinions", "REVIEWS_SERVICE_PORT": "81"}.lookup}
	expect(t, "reviews", newDownstream(read, "reviews", time.Second, 1).host, "opinions.shop.svc:81")
	expect(t, "details", newDownstream(read, "details", time.Second, 1).host, "details.shop.svc:9080")
	expect(t, "no problem", read.err(), nil)
}

func TestNewConnectionsOpensOneForEachCall(t *testing.T) {
	for value, expected := range map[string]int{"0": 1, "1": 3} {
		remotes := map[string]bool{}
		ratings, _ := recorder(t, func(int) (int, string) { return 200, `{}` })
		inner := ratings.Config.Handler
		ratings.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			remotes[r.RemoteAddr] = true
			inner.ServeHTTP(w, r)
		})
		service := start(t, "reviews-v2", env{"NEW_CONNECTIONS": value}.with("RATINGS", ratings))
		for range 3 {
			get(t, service.URL+"/reviews/0")
		}
		expect(t, "connections with NEW_CONNECTIONS="+value, len(remotes), expected)
	}
}
