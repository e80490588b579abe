package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"syscall"
	"testing"

	"mesh-canary/standin/pitstop"
)

func TestAnImageOfPitstopBecomesThatWorkloadAndCountsItsRequests(t *testing.T) {
	webapp := start(t, "docker.io/pitstop/webapp:1.0", nil)
	expect(t, "health", get(t, webapp.URL+"/hc").status, http.StatusOK)
	page := get(t, webapp.URL+"/", "User-Agent", "walk-1")
	expectContains(t, page.body, "Welcome to Pitstop")
	expectContains(t, page.header.Get("Content-Type"), "text/html")
	expect(t, "counted", arrived(t, webapp, "walk-1"), 1)
	var report countReport
	get(t, webapp.URL+requestsPath).decode(t, &report)
	expect(t, "service", report.Service, "webapp")
	expect(t, "version", report.Version, "1.0")
}

func TestThePagesOfPitstopPassOnWhatBookinfoPassesOn(t *testing.T) {
	api, seen := recorder(t, func(int) (int, string) { return 200, "[]" })
	webapp := start(t, "docker.io/pitstop/webapp:1.0", env{
		"APIServiceLocations__CustomerManagementAPI": api.Listener.Addr().String(),
	})
	get(t, webapp.URL+"/CustomerManagement", "End-User", "tester", "X-Request-Id", "r1", "Accept-Language", "nl")
	expect(t, "end-user", (*seen)[0].Get("End-User"), "tester")
	expect(t, "x-request-id", (*seen)[0].Get("X-Request-Id"), "r1")
	expect(t, "accept-language", (*seen)[0].Get("Accept-Language"), "")
}

func TestAWorkloadOfPitstopThatLacksASettingIsRefusedWithItsName(t *testing.T) {
	var log bytes.Buffer
	code := run([]string{"serve", "--image", "mcr.microsoft.com/mssql/server:2022"}, env{"ACCEPT_EULA": "Y"}.lookup, nil, io.Discard, &log)
	expect(t, "exit code", code, exitUsage)
	expectContains(t, log.String(), "MSSQL_SA_PASSWORD")
}

func playing(role *pitstop.Role) *server {
	server := newServer(&settings{env: env{"DRAIN_MS": "0"}.lookup})
	server.role = role
	if role.Handler != nil {
		server.handle = fromHTTP(role.Handler)
	}
	return server
}

func TestAWorkloadDiesWhenItCannotPrepareAndIsEndedWhileItTries(t *testing.T) {
	role := &pitstop.Role{Prepare: func(context.Context) error { return errors.New("no database") }}
	var log bytes.Buffer
	expect(t, "exit code", playing(role).playRole(nil, &log), exitFailure)
	expectContains(t, log.String(), "no database")
	role.Prepare = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	signals := make(chan os.Signal, 1)
	signals <- syscall.SIGTERM
	expect(t, "exit code when told to stop", playing(role).playRole(signals, io.Discard), exitOK)
}

func TestAWorkerWithoutAPortRunsUntilItIsTold(t *testing.T) {
	signals := make(chan os.Signal, 1)
	role := &pitstop.Role{Run: func(context.Context) { signals <- syscall.SIGTERM }}
	expect(t, "exit code", playing(role).playRole(signals, io.Discard), exitOK)
}

func TestPortsBesideHTTPAreServedAndOneMayBeShared(t *testing.T) {
	ports := []int{freePort(t), freePort(t)}
	say := func(text string) func(net.Conn) {
		return func(c net.Conn) { _, _ = io.WriteString(c, text); c.Close() }
	}
	role := &pitstop.Role{
		Port:    ports[0],
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "web") }),
		Lines:   map[int]func(net.Conn){ports[0]: say("lines"), ports[1]: say("beside")},
	}
	server := playing(role)
	web, err := server.openPorts()
	if err != nil {
		t.Fatal(err)
	}
	running := &httptest.Server{Listener: web, Config: &http.Server{Handler: server}}
	running.Start()
	t.Cleanup(running.Close)
	expect(t, "HTTP", get(t, "http://"+loopback(ports[0])+"/any").body, "web")
	expect(t, "the shared port", exchange(t, loopback(ports[0]), "{"), "lines")
	expect(t, "the port beside", exchange(t, loopback(ports[1]), ""), "beside")
}

func exchange(t *testing.T, address, text string) string {
	t.Helper()
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	_, _ = io.WriteString(connection, text)
	answer, _ := io.ReadAll(connection)
	return string(answer)
}

func freePort(t *testing.T) int {
	t.Helper()
	free, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer free.Close()
	return free.Addr().(*net.TCPAddr).Port
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

func portOf(address string) string { _, port, _ := net.SplitHostPort(address); return port }
