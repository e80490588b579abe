package pitstop

import (
	"errors"
	"net/http"
	"strings"
)

// customers is the CustomerManagementAPI; versions from 2.0 on say how loyal a customer is.
type customers struct {
	api
	loyalty bool
}

func newCustomers(settings *settings, place *Place, tag string) *Role {
	service := &customers{
		api:     api{settings.database("CustomerManagementCN", "CustomerManagement"), settings.broker("RabbitMQPublisher")},
		loyalty: strings.HasPrefix(tag, "2"),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hc", service.health)
	mux.HandleFunc("GET /{$}", staticPage("Customer Management API"))
	mux.HandleFunc("GET /api/customers", service.answering(service.all))
	mux.HandleFunc("GET /api/customers/{id}", service.answering(service.one))
	mux.HandleFunc("POST /api/customers", service.answering(service.add))
	return &Role{Port: 5100, Handler: signed("customermanagementapi", tag, mux), Prepare: service.prepare(place)}
}

func (c *customers) all(r *http.Request) (any, error) {
	rows, err := rowsOf[customer](r.Context(), c.database, "Customer")
	for i := range rows {
		err = errors.Join(err, c.judge(&rows[i]))
	}
	return rows, err
}

func (c *customers) one(r *http.Request) (any, error) {
	row, err := rowOf[customer](r.Context(), c.database, "Customer", r.PathValue("id"))
	if row != nil {
		err = errors.Join(err, c.judge(row))
	}
	return found(row, err)
}

// add refuses an id that is there: the caller chooses it, so the copy of a write fails the write, or the other way round.
func (c *customers) add(r *http.Request) (any, error) {
	row, err := decode[customer](r)
	if err != nil {
		return nil, err
	}
	if row.CustomerID == "" || row.Name == "" {
		return nil, statusError(http.StatusBadRequest)
	}
	row.LoyaltyLevel = 0 // computed, never stored: both versions use the same table
	err = c.register(r.Context(), "Customer", row.CustomerID, row, customerRegistered)
	return row, errors.Join(err, c.judge(&row))
}

// judge sets the loyalty level: it goes by the city, and a customer without one is more than version 2.0 can take.
func (c *customers) judge(row *customer) error {
	if !c.loyalty {
		return nil
	}
	if row.City == nil {
		return errors.New("object reference not set: the customer has no city")
	}
	switch strings.ToLower(*row.City) {
	case "amsterdam":
		row.LoyaltyLevel = 3
	case "den haag":
		row.LoyaltyLevel = 2
	default:
		row.LoyaltyLevel = 1
	}
	return nil
}
