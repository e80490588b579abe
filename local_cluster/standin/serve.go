package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"mesh-canary/standin/pitstop"
)

// requestsPath is where every service shows its counters.
const requestsPath = "/stand-in/requests"

// server is what all services share: counters, probes, faults, the drain.
type server struct {
	id       identity
	handle   handler
	role     *pitstop.Role // nil: one HTTP port and nothing else
	faults   faults
	counters *counters
	drain    time.Duration // after the first signal, connections are accepted for this long
	started  time.Time
	draining atomic.Bool
}

// newServer reads what all services have in common; become or play give it a role.
func newServer(settings *settings) *server {
	pod := settings.text("HOSTNAME", "")
	if pod == "" {
		pod, _ = os.Hostname()
	}
	return &server{
		id:       identity{Pod: pod},
		faults:   readFaults(settings),
		counters: newCounters(),
		drain:    settings.milliseconds("DRAIN_MS", 500),
		started:  time.Now(),
	}
}

// become gives the server a name, a version and a handler; the pod stays. It returns all three names.
func (s *server) become(id identity, handle handler) identity {
	s.id.Service, s.id.Version, s.handle = id.Service, id.Version, handle
	return s.id
}

// ServeHTTP decides an answer, counts it and sends it, in this order: whoever has got an answer
// finds it in the counters.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == requestsPath {
		s.showCounters(r).write(w, s.draining.Load())
		return
	}
	decided := s.decide(r)
	s.counters.count(r.Method, r.UserAgent(), decided.status)
	decided.write(w, s.draining.Load())
}

func (s *server) showCounters(r *http.Request) answer {
	if refused := methodRefused(r, http.MethodGet); refused != nil {
		return *refused
	}
	return jsonAnswer(http.StatusOK, s.counters.report(s.id))
}

// decide asks the probes, the faults and then the service itself.
func (s *server) decide(r *http.Request) answer {
	ready := time.Since(s.started) >= s.faults.readyAfter
	switch r.URL.Path {
	case "/live":
		return s.probe(true)
	case "/health", "/ready":
		return s.probe(ready)
	}
	if !ready {
		return errorAnswer(http.StatusServiceUnavailable, s.id.Service+" is not ready yet")
	}
	if faulty := s.faults.apply(r.Context()); faulty != nil {
		return *faulty
	}
	return s.handle(r)
}

func (s *server) probe(good bool) answer {
	if s.faults.unhealthy || !good {
		return jsonAnswer(http.StatusServiceUnavailable,
			map[string]string{"status": s.id.Service + " " + s.id.Version + " is not healthy"})
	}
	return jsonAnswer(http.StatusOK, map[string]string{"status": s.id.Service + " " + s.id.Version + " is healthy"})
}

// serve answers on the listener until a signal comes. Then it still accepts for the drain time,
// closing each connection after its answer; then it stops accepting, waits for the answers in
// flight and returns nil. A further signal ends the waiting with an error.
func (s *server) serve(listener net.Listener, signals <-chan os.Signal) error {
	// No idle timeout: whoever keeps a connection must never find it closed by surprise.
	web := &http.Server{Handler: s}
	stopped := make(chan error, 1)
	go func() { stopped <- web.Serve(listener) }()
	select {
	case err := <-stopped:
		return err
	case <-signals:
	}
	s.draining.Store(true)
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	go func() {
		select {
		case second := <-signals:
			cancel(fmt.Errorf("ended by a second signal (%v) during the drain", second))
		case <-ctx.Done():
		}
	}()
	select {
	case <-time.After(s.drain):
	case <-ctx.Done():
	}
	if err := web.Shutdown(ctx); err != nil {
		return errors.Join(context.Cause(ctx), web.Close())
	}
	return nil
}

// crashLater ends the process with code 1 when CRASH_AFTER_MS says so.
func (s *server) crashLater(log io.Writer) {
	if s.faults.crashAfter == 0 {
		return
	}
	time.AfterFunc(s.faults.crashAfter, func() {
		fmt.Fprintf(log, "standin: crashes as told by CRASH_AFTER_MS=%d\n", s.faults.crashAfter.Milliseconds())
		os.Exit(exitFailure)
	})
}
