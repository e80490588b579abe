package main

import (
	"net/http"
	"strconv"
)

// details knows the facts about the book; it is the same book for every id.
type details struct{ id identity }

// bookDetails is the answer of the details service. podname and version are additions of the
// stand-in, as in ratings.
type bookDetails struct {
	ID        int    `json:"id"`
	Author    string `json:"author"`
	Year      int    `json:"year"`
	Type      string `json:"type"`
	Pages     int    `json:"pages"`
	Publisher string `json:"publisher"`
	Language  string `json:"language"`
	ISBN10    string `json:"ISBN-10"`
	ISBN13    string `json:"ISBN-13"`
	Podname   string `json:"podname"`
	Version   string `json:"version"`
}

func newDetails(id identity) *details { return &details{id} }

func (d *details) answer(r *http.Request) answer {
	id, ok := productID(r.URL.Path, "/details/")
	if !ok {
		return notFound(r)
	}
	if refused := methodRefused(r, http.MethodGet); refused != nil {
		return *refused
	}
	if id == "" {
		return errorAnswer(http.StatusBadRequest, "the product id must be a whole number")
	}
	number, _ := strconv.Atoi(id)
	return jsonAnswer(http.StatusOK, bookDetails{
		ID: number, Author: "Ines Falkenrath", Year: 2019, Type: "paperback", Pages: 312,
		Publisher: "Harbour Lane Press", Language: "English",
		ISBN10: "0000000019", ISBN13: "9780000000019", Podname: d.id.Pod, Version: d.id.Version,
	})
}
