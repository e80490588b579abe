package pitstop

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// mostBody bounds what is read of a request or an answer, in bytes.
const mostBody = 1 << 20

// migration is how long an API waits for its database before its port opens; then it dies.
var migration = patience{retries: 10, pause: 10 * time.Second}

// api is what the three APIs have in common.
type api struct {
	database *database
	broker   *broker
}

// answeredBy is the header that says which versions had a part in an answer: customermanagementapi/2.0, once for each.
// Pitstop has nothing of the kind; without it nobody could tell from a page which version was asked.
const answeredBy = "Stand-In"

// signed is a handler whose answers say who gives them.
func signed(service, version string, handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(answeredBy, service+"/"+version)
		handler.ServeHTTP(w, r)
	})
}

// prepare migrates the database: the port opens after it, so a probe of the port is a probe of the database.
func (a *api) prepare(place *Place) func(context.Context) error {
	return func(ctx context.Context) error {
		return place.keepTrying(ctx, "database "+a.database.name, migration, func() error {
			return a.database.migrate(ctx)
		})
	}
}

// health is /hc: 503 when the database does not answer.
func (a *api) health(w http.ResponseWriter, r *http.Request) {
	if err := a.database.reachable(r.Context()); err != nil {
		writeText(w, http.StatusServiceUnavailable, "Unhealthy")
		return
	}
	writeText(w, http.StatusOK, "Healthy")
}

// answering wraps a handler that may fail; what it returns is the answer. Every request costs the broker a connection.
func (a *api) answering(handle func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a.broker.visit(r.Context())
		value, err := handle(r)
		var status statusError
		switch {
		case errors.As(err, &status):
			writeJSON(w, int(status), map[string]string{"error": http.StatusText(int(status))})
		case err != nil:
			writeJSON(w, http.StatusInternalServerError, map[string]string{"error": err.Error()})
		case r.Method == http.MethodPost:
			writeJSON(w, http.StatusCreated, value)
		default:
			writeJSON(w, http.StatusOK, value)
		}
	}
}

// register writes a row, then tells everybody.
func (a *api) register(ctx context.Context, table, key string, row any, kind string) error {
	if err := a.database.insert(ctx, table, key, row); err != nil {
		return err
	}
	return a.broker.publish(ctx, kind, row)
}

// statusError is an answer without a value.
type statusError int

func (s statusError) Error() string { return http.StatusText(int(s)) }

// found turns no row into 404.
func found[T any](row *T, err error) (any, error) {
	if err == nil && row == nil {
		return nil, statusError(http.StatusNotFound)
	}
	return row, err
}

// decode reads a JSON body; what is not JSON is a bad request.
func decode[T any](r *http.Request) (value T, err error) {
	if json.NewDecoder(http.MaxBytesReader(nil, r.Body, mostBody)).Decode(&value) != nil {
		return value, statusError(http.StatusBadRequest)
	}
	return value, nil
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}
