package main

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// shop is productpage with all that it needs.
type shop struct{ front, details, reviews, ratings *httptest.Server }

func openShop(t testing.TB, reviewsVersion string, front env) shop {
	t.Helper()
	ratings := start(t, "ratings-v1", env{})
	reviews := start(t, "reviews-"+reviewsVersion, env{"HOSTNAME": "reviews-" + reviewsVersion + "-abc-def"}.with("RATINGS", ratings))
	details := start(t, "details-v1", env{})
	front = front.with("DETAILS", details).with("REVIEWS", reviews).with("RATINGS", ratings)
	return shop{start(t, "productpage-v1", front), details, reviews, ratings}
}

func TestTheAPIPassesOnWhatTheOtherServicesSay(t *testing.T) {
	shop := openShop(t, "v3", env{})
	api := shop.front.URL + "/api/v1/products"
	expectContains(t, get(t, api).body, `"id":0,"title":"`+book.Title)
	expectContains(t, get(t, api).body, `"descriptionHtml":`)
	expect(t, "details", get(t, api+"/0").body, get(t, shop.details.URL+"/details/0").body)
	expect(t, "reviews", get(t, api+"/2/reviews").body, get(t, shop.reviews.URL+"/reviews/2").body)
	expect(t, "ratings", get(t, api+"/0/ratings").body, get(t, shop.ratings.URL+"/ratings/0").body)
	expectContains(t, get(t, api+"/2/reviews").body, `"color":"red"`)
	expect(t, "no number", get(t, api+"/x/reviews").status, 400)
	expect(t, "no such part", get(t, api+"/0/prices").status, 404)
	expect(t, "no such path", get(t, shop.front.URL+"/nothing").status, 404)
}

func TestTheAPIPassesOnTheStatusOfAServiceThatFails(t *testing.T) {
	for _, name := range []string{"DETAILS", "REVIEWS", "RATINGS"} {
		broken := start(t, "details-v1", env{"FAIL_PERCENT": "100", "FAIL_STATUS": "503"})
		front := start(t, "productpage-v1", env{}.with(name, broken))
		path := map[string]string{"DETAILS": "", "REVIEWS": "/reviews", "RATINGS": "/ratings"}[name]
		got := get(t, front.URL+"/api/v1/products/0"+path)
		expect(t, name, got.status, 503)
		expectContains(t, got.body, `{"error":"The `+strings.ToLower(name))
	}
}

func TestTheAPIAnswers500WhenAServiceIsNotThereOrSaysNoJSON(t *testing.T) {
	gone := httptest.NewServer(nil)
	missing := env{}.with("REVIEWS", gone)
	gone.Close()
	expect(t, "not there", get(t, start(t, "productpage-v1", missing).URL+"/api/v1/products/0/reviews").status, 500)

	odd := start(t, "reviews-v1", env{"ANSWER_PERCENT": "100", "ANSWER_BODY": "no JSON"})
	front := start(t, "productpage-v1", env{}.with("REVIEWS", odd))
	expect(t, "no JSON", get(t, front.URL+"/api/v1/products/0/reviews").status, 500)
}

func TestReviewsAreTriedTwiceAndDetailsOnce(t *testing.T) {
	secondWorks := func(n int) (int, string) {
		if n == 1 {
			return 503, `{}`
		}
		return 200, `{"id":"0"}`
	}
	reviews, tries := recorder(t, secondWorks)
	front := start(t, "productpage-v1", env{}.with("REVIEWS", reviews))
	expect(t, "reviews", get(t, front.URL+"/api/v1/products/0/reviews").status, 200)
	expect(t, "tries of reviews", len(*tries), 2)

	failing, tries := recorder(t, func(int) (int, string) { return 502, `` })
	front = start(t, "productpage-v1", env{}.with("REVIEWS", failing))
	expect(t, "reviews", get(t, front.URL+"/api/v1/products/0/reviews").status, 502)
	expect(t, "tries of failing reviews", len(*tries), 2)

	details, tries := recorder(t, secondWorks)
	front = start(t, "productpage-v1", env{}.with("DETAILS", details))
	expect(t, "details", get(t, front.URL+"/api/v1/products/0").status, 503)
	expect(t, "tries of details", len(*tries), 1)
}

func TestSlowReviewsAreGivenUpAfterTwiceThreeSeconds(t *testing.T) {
	t.Parallel()
	slow := start(t, "reviews-v1", env{"DELAY_MS": "3300"})
	front := start(t, "productpage-v1", env{}.with("REVIEWS", slow))
	began := time.Now()
	got := get(t, front.URL+"/productpage")
	took := time.Since(began)

	expect(t, "status", got.status, 200)
	expectContains(t, got.body, unavailable("reviews"))
	if took < 6*time.Second || took > 6500*time.Millisecond {
		t.Errorf("took %v, expected about 6 s", took)
	}
}

func TestThePageShowsStarsInTheColourOfTheVersion(t *testing.T) {
	for version, color := range map[string]string{"v1": "", "v2": "black", "v3": "red"} {
		got := get(t, openShop(t, version, env{}).front.URL+"/productpage")
		expect(t, version, got.status, 200)
		expect(t, version+" type", got.header.Get("Content-Type"), htmlType)
		expectContains(t, got.body, "Falkenrath")
		expectContains(t, got.body, "Served by reviews <strong>"+version+"</strong> · pod reviews-"+version+"-abc-def")
		expectLacks(t, got.body, `class="problem"`)
		if color == "" {
			expectLacks(t, got.body, "★")
			continue
		}
		expectContains(t, got.body, `style="color: `+color+`">★★★★★<i></i>`)
		expectContains(t, got.body, `style="color: `+color+`">★★★★<i>★</i>`)
	}
}

func TestThePageSaysWhatIsUnavailable(t *testing.T) {
	broken := start(t, "details-v1", env{"FAIL_PERCENT": "100"})
	front := start(t, "productpage-v1", env{}.with("DETAILS", broken).with("REVIEWS", broken))
	got := get(t, front.URL+"/productpage")
	expect(t, "status", got.status, 200)
	expectContains(t, got.body, unavailable("details"))
	expectContains(t, got.body, unavailable("reviews"))

	ratings := start(t, "ratings-v1", env{"FAIL_PERCENT": "100"})
	reviews := start(t, "reviews-v2", env{}.with("RATINGS", ratings))
	front = start(t, "productpage-v1", env{}.with("REVIEWS", reviews).with("DETAILS", broken))
	got = get(t, front.URL+"/productpage")
	expectContains(t, got.body, ratingsUnavailable)
	expectLacks(t, got.body, unavailable("reviews"))
}

func TestWhoLogsInBecomesEndUserUntilTheLogout(t *testing.T) {
	reviews, seen := recorder(t, func(int) (int, string) { return 200, `{"id":"0"}` })
	front := start(t, "productpage-v1", env{}.with("REVIEWS", reviews))
	endUser := func(cookie string) string {
		get(t, front.URL+"/api/v1/products/0/reviews", "Cookie", cookie)
		return (*seen)[len(*seen)-1].Get("End-User")
	}
	expect(t, "before", endUser(""), "")

	opened := call(t, "POST", front.URL+"/login", "username=jason&passwd=any", "Content-Type", "application/x-www-form-urlencoded")
	cookie, _, _ := strings.Cut(opened.header.Get("Set-Cookie"), ";")

	expect(t, "login", opened.status, 302)
	expect(t, "login leads to", opened.header.Get("Location"), "/productpage")
	expect(t, "while logged in", endUser(cookie), "jason")
	expectContains(t, get(t, front.URL+"/productpage", "Cookie", cookie).body, `Signed in as <strong id="user">jason`)
	expectLacks(t, get(t, front.URL+"/productpage").body, "Signed in as")
	expectContains(t, get(t, front.URL+"/productpage").body, `action="/login"`)

	closed := get(t, front.URL+"/logout", "Cookie", cookie)
	ended, _, _ := strings.Cut(closed.header.Get("Set-Cookie"), ";")
	expect(t, "logout", closed.status, 302)
	expectContains(t, closed.header.Get("Set-Cookie"), "Max-Age=0")
	expect(t, "after", endUser(ended), "")
}

func TestASessionThatWasTamperedWithIsNone(t *testing.T) {
	signer := sessions{[]byte("key")}
	cookie, _, _ := strings.Cut(signer.open("jason"), ";")
	user := func(key, cookie string) string {
		request := httptest.NewRequest("GET", "/", nil)
		request.Header.Set("Cookie", cookie)
		return sessions{[]byte(key)}.user(request)
	}
	expect(t, "genuine", user("key", cookie), "jason")
	expect(t, "other key", user("other", cookie), "")
	expect(t, "cut off", user("key", cookie[:len(cookie)-1]), "")
	_, signature, _ := strings.Cut(cookie, ".")
	expect(t, "other user", user("key", sessionCookie+"=cm9vdA."+signature), "")
	expect(t, "no signature", user("key", sessionCookie+"=cm9vdA"), "")
}

func TestALoginWithoutAUsableNameIsRefused(t *testing.T) {
	front := start(t, "productpage-v1", env{})
	for _, name := range []string{"", "ev%0Ail", "%C3%A4", strings.Repeat("x", 65)} {
		got := call(t, "POST", front.URL+"/login", "username="+name, "Content-Type", "application/x-www-form-urlencoded")
		expect(t, "name "+name, got.status, 400)
		expect(t, "cookie for "+name, got.header.Get("Set-Cookie"), "")
	}
	expect(t, "GET", get(t, front.URL+"/login").status, 405)
}

func TestAUserNameIsEscapedOnThePage(t *testing.T) {
	front := start(t, "productpage-v1", env{})
	cookie, _, _ := strings.Cut(sessions{[]byte(demoSessionKey)}.open("<b>jason"), ";")
	page := get(t, front.URL+"/", "Cookie", cookie).body
	expectContains(t, page, "&lt;b&gt;jason")
	expectLacks(t, page, "<b>jason")
}

func TestFloodFactorSendsFurtherRequestsToReviews(t *testing.T) {
	for factor, expected := range map[string]int{"": 1, "20": 21} {
		shop := openShop(t, "v1", env{"FLOOD_FACTOR": factor})
		get(t, shop.front.URL+"/productpage", "User-Agent", "flood")
		expect(t, "requests with factor "+factor, arrived(t, shop.reviews, "flood"), expected)
	}
}

func TestStaticFilesAndMetricsAreServed(t *testing.T) {
	front := start(t, "productpage-v1", env{})
	sheet := get(t, front.URL+"/static/bookinfo.css")
	expect(t, "style", sheet.status, 200)
	expectContains(t, sheet.header.Get("Content-Type"), "text/css")
	expect(t, "outside", call(t, "GET", front.URL+"/static/../page.html", "").status, 404)
	expect(t, "missing", get(t, front.URL+"/static/none.css").status, 404)
	metrics := get(t, front.URL+"/metrics").body
	expectContains(t, metrics, `standin_requests_total{service="productpage",version="v1",method="GET",status="200"} 1`)
	expectContains(t, metrics, `standin_requests_total{service="productpage",version="v1",method="GET",status="404"} 2`)
}
