package main

import (
	"bytes"
	"embed"
	"html/template"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed static page.html
var files embed.FS

// pageData is what the templates show.
type pageData struct {
	Product        product
	User           string // empty: nobody is logged in
	ID             identity
	Details        bookDetails
	DetailsProblem string
	Reviews        productReviews
	ReviewsProblem string
}

// templates are parsed when first used: only productpage needs them.
var templates = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"html":  func(text string) template.HTML { return template.HTML(text) }, // for our own texts only
		"style": style,
		"stars": func(count int) string { return strings.Repeat("★", max(0, min(5, count))) },
		"rest":  func(count int) string { return strings.Repeat("★", max(0, min(5, 5-count))) },
	}).ParseFS(files, "page.html"))
})

// style returns the style sheet, which pages carry in themselves.
func style() template.CSS {
	text, _ := files.ReadFile("static/bookinfo.css")
	return template.CSS(text)
}

func htmlAnswer(name string, data pageData) answer {
	var page bytes.Buffer
	page.Grow(8 << 10)
	if err := templates().ExecuteTemplate(&page, name, data); err != nil {
		return errorAnswer(http.StatusInternalServerError, "cannot write the page: "+err.Error())
	}
	return answer{status: http.StatusOK, contentType: htmlType, body: page.Bytes()}
}

// staticFile answers /static/NAME.
func staticFile(r *http.Request) answer {
	body, err := files.ReadFile(strings.TrimPrefix(r.URL.Path, "/")) // refuses paths with ".." in them
	if err != nil {
		return notFound(r)
	}
	return answer{status: http.StatusOK, contentType: mime.TypeByExtension(path.Ext(r.URL.Path)), body: body}
}
