package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"

	"mesh-canary/standin/pitstop"
)

// playPitstop makes the server act as one of Pitstop's workloads, whose ports their images know.
func (s *server) playPitstop(repository, tag string, settings *settings, log io.Writer) {
	place := pitstop.Place{Env: settings.env, Log: log, Propagate: propagate}
	role, err := pitstop.New(repository, tag, place)
	if err != nil {
		settings.problems = append(settings.problems, err)
		return
	}
	s.role = role
	if role.Handler != nil {
		s.handle = fromHTTP(role.Handler)
	}
}

// fromHTTP makes a handler of the standard library's kind decide an answer.
func fromHTTP(from http.Handler) handler {
	return func(r *http.Request) answer {
		kept := &keptAnswer{header: http.Header{}, status: http.StatusOK}
		from.ServeHTTP(kept, r)
		headers := map[string]string{}
		for name, values := range kept.header {
			headers[name] = strings.Join(values, ", ")
		}
		return answer{status: kept.status, body: kept.body.Bytes(), header: headers}
	}
}

// keptAnswer is a ResponseWriter that keeps what is written.
type keptAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *keptAnswer) Header() http.Header                      { return k.header }
func (k *keptAnswer) WriteHeader(status int)                   { k.status = status }
func (k *keptAnswer) Write(text []byte) (count int, err error) { return k.body.Write(text) }

// playRole prepares, opens the role's ports and serves until a signal has come and the drain is over.
func (s *server) playRole(signals <-chan os.Signal, log io.Writer) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if s.role.Prepare != nil {
		prepared := make(chan error, 1)
		go func() { prepared <- s.role.Prepare(ctx) }()
		select {
		case <-signals:
			return exitOK
		case err := <-prepared:
			if err != nil {
				fmt.Fprintf(log, "standin: %v\n", err)
				return exitFailure
			}
		}
	}
	listener, err := s.openPorts()
	if err != nil {
		fmt.Fprintf(log, "standin: %v\n", err)
		return exitFailure
	}
	if s.role.Run != nil {
		go s.role.Run(ctx)
	}
	fmt.Fprintf(log, "standin: %s %s, pod %s, runs\n", s.id.Service, s.id.Version, s.id.Pod)
	s.crashLater(log)
	if listener == nil {
		<-signals
		return exitOK
	}
	if err := s.serve(listener, signals); err != nil {
		fmt.Fprintf(log, "standin: %s\n", strings.TrimSpace(err.Error()))
		return exitFailure
	}
	fmt.Fprintln(log, "standin: drained")
	return exitOK
}

// openPorts opens every port of the role; the listener is for HTTP, nil where the role has none.
func (s *server) openPorts() (web net.Listener, err error) {
	if s.role.Port != 0 {
		if web, err = listen(s.role.Port); err != nil {
			return nil, err
		}
	}
	for port, serve := range s.role.Lines {
		if port == s.role.Port {
			web = pitstop.Split(web, serve)
			continue
		}
		listener, err := listen(port)
		if err != nil {
			return nil, err
		}
		go accept(listener, serve)
	}
	return web, nil
}

func listen(port int) (net.Listener, error) {
	listener, err := net.Listen("tcp", ":"+strconv.Itoa(port))
	if err != nil {
		return nil, fmt.Errorf("cannot listen on port %d: %w", port, err)
	}
	return listener, nil
}

func accept(listener net.Listener, serve func(net.Conn)) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go serve(connection)
	}
}
