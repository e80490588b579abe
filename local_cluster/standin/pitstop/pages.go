package pitstop

import (
	"bytes"
	_ "embed"
	"html/template"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"strings"
	"sync"
)

//go:embed pages.html
var pagesText string

var pages = sync.OnceValue(func() *template.Template { return template.Must(template.New("").Parse(pagesText)) })

// page is what the templates show.
type page struct {
	Title     string
	Action    string
	Fields    []string
	Customers []customer
	Vehicles  []vehicle
	Jobs      []maintenanceJob
}

func writePage(w http.ResponseWriter, status int, name string, data page) {
	var body bytes.Buffer
	if err := pages().ExecuteTemplate(&body, name, data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes())
}

func staticPage(title string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { writePage(w, http.StatusOK, "text", page{Title: title}) }
}

func form(action string, fields ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		writePage(w, http.StatusOK, "form", page{Title: "New", Action: action, Fields: fields})
	}
}

// metals are the medals' colours, by loyalty level: bronze, silver, gold.
var metals = map[string]color.NRGBA{
	"1": {0xb0, 0x6a, 0x2c, 0xff}, "2": {0xa8, 0xad, 0xb3, 0xff}, "3": {0xe2, 0xb0, 0x2b, 0xff},
}

// medal answers /images/LEVEL.png with a disc on nothing.
func medal(w http.ResponseWriter, r *http.Request) {
	level, isPNG := strings.CutSuffix(r.PathValue("name"), ".png")
	metal, known := metals[level]
	if !known || !isPNG {
		http.NotFound(w, r)
		return
	}
	const size, middle = 48, 24
	picture := image.NewNRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			if dx, dy := x-middle, y-middle; dx*dx+dy*dy < 22*22 {
				picture.SetNRGBA(x, y, metal)
			}
		}
	}
	w.Header().Set("Content-Type", "image/png")
	_ = png.Encode(w, picture)
}
