package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	productsPath = "/api/v1/products"
	mostForm     = 16 << 10 // bytes of a login form
)

// productpage is the front: the page, the login, and an API that passes on what the others say.
type productpage struct {
	id       identity
	counters *counters
	sessions sessions
	details  *downstream
	reviews  *downstream
	ratings  *downstream
	flood    int // further requests to reviews for each page
}

type product struct {
	ID              int    `json:"id"`
	Title           string `json:"title"`
	DescriptionHTML string `json:"descriptionHtml"`
}

var book = product{
	ID:    0,
	Title: "The Cartographer's Ferry",
	DescriptionHTML: "A map maker takes the night ferry to draw an island that no chart agrees on. " +
		"Every passenger remembers it <em>differently</em>, and one of them is steering.",
}

func newProductpage(settings *settings, counters *counters, id identity) *productpage {
	const timeout = 3 * time.Second // of a call; reviews gets two
	return &productpage{
		id:       id,
		counters: counters,
		sessions: sessions{[]byte(settings.text("SESSION_KEY", demoSessionKey))},
		details:  newDownstream(settings, "details", timeout, 1),
		reviews:  newDownstream(settings, "reviews", timeout, 2),
		ratings:  newDownstream(settings, "ratings", timeout, 1),
		flood:    settings.whole("FLOOD_FACTOR", 0, 0, 1000),
	}
}

func (p *productpage) answer(r *http.Request) answer {
	path := r.URL.Path
	if path == "/login" {
		if refused := methodRefused(r, http.MethodPost); refused != nil {
			return *refused
		}
		return p.login(r)
	}
	var show handler
	switch {
	case path == "/", path == "/index.html":
		show = p.index
	case path == "/productpage":
		show = p.page
	case path == "/logout":
		show = p.logout
	case path == "/metrics":
		show = p.metrics
	case path == productsPath:
		show = func(*http.Request) answer { return jsonAnswer(http.StatusOK, []product{book}) }
	case strings.HasPrefix(path, productsPath+"/"):
		show = p.product
	case strings.HasPrefix(path, "/static/"):
		show = staticFile
	default:
		return notFound(r)
	}
	if refused := methodRefused(r, http.MethodGet); refused != nil {
		return *refused
	}
	return show(r)
}

// headers returns what goes along with calls downstream: the propagated headers, and end-user
// while somebody is logged in.
func (p *productpage) headers(r *http.Request) http.Header {
	headers := propagate(r.Header)
	if user := p.sessions.user(r); user != "" {
		headers["End-User"] = []string{user}
	}
	return headers
}

// product answers /api/v1/products/{id}, .../{id}/reviews and .../{id}/ratings.
func (p *productpage) product(r *http.Request) answer {
	id, part, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, productsPath+"/"), "/")
	from, prefix := p.details, "/details/"
	switch part {
	case "":
	case "reviews":
		from, prefix = p.reviews, "/reviews/"
	case "ratings":
		from, prefix = p.ratings, "/ratings/"
	default:
		return notFound(r)
	}
	id, ok := productID(prefix+id, prefix)
	if !ok {
		return notFound(r)
	}
	if id == "" {
		return errorAnswer(http.StatusBadRequest, "the product id must be a whole number")
	}
	status, body := from.get(r, prefix+id, p.headers(r))
	if status != http.StatusOK {
		return errorAnswer(status, unavailable(from.name))
	}
	return answer{status: status, contentType: jsonType, body: body}
}

// unavailable is what users read when a service does not answer.
func unavailable(name string) string {
	return "The " + name + " of this book are unavailable right now."
}

// page answers the page of the one book; parts that do not come are named in their place.
func (p *productpage) page(r *http.Request) answer {
	headers := p.headers(r)
	p.floodReviews(r, headers)
	shown := pageData{Product: book, User: p.sessions.user(r), ID: p.id}
	status, body := p.details.get(r, "/details/0", headers)
	if status != http.StatusOK || json.Unmarshal(body, &shown.Details) != nil {
		shown.DetailsProblem = unavailable("details")
	}
	status, body = p.reviews.get(r, "/reviews/0", headers)
	if status != http.StatusOK || json.Unmarshal(body, &shown.Reviews) != nil {
		shown.ReviewsProblem = unavailable("reviews")
	}
	return htmlAnswer("page", shown)
}

// floodReviews sends FLOOD_FACTOR requests to reviews at once and forgets their answers.
func (p *productpage) floodReviews(r *http.Request, headers http.Header) {
	var flood sync.WaitGroup
	for range p.flood {
		flood.Go(func() { p.reviews.get(r, "/reviews/0", headers) })
	}
	flood.Wait()
}

func (p *productpage) index(r *http.Request) answer {
	return htmlAnswer("index", pageData{Product: book, User: p.sessions.user(r), ID: p.id})
}

func (p *productpage) metrics(*http.Request) answer {
	return answer{status: http.StatusOK, contentType: "text/plain; version=0.0.4", body: p.counters.metrics(p.id)}
}

// login opens a session for the form's username; any password will do.
func (p *productpage) login(r *http.Request) answer {
	r.Body = http.MaxBytesReader(nil, r.Body, mostForm)
	user := strings.TrimSpace(r.PostFormValue("username"))
	if problem := userNameProblem(user); problem != "" {
		return errorAnswer(http.StatusBadRequest, problem)
	}
	return toPage(p.sessions.open(user))
}

func (p *productpage) logout(*http.Request) answer {
	return toPage(p.sessions.end())
}

// toPage redirects to the page with a cookie.
func toPage(cookie string) answer {
	return answer{status: http.StatusFound, header: map[string]string{"Location": "/productpage", "Set-Cookie": cookie}}
}
