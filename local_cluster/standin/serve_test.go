package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func TestAnyOtherImageBecomesAGenericService(t *testing.T) {
	for image, expected := range map[string]genericAnswer{
		"localhost:5000/team/cart:1.2":                 {Service: "cart", Version: "1.2"},
		"docker.io/team/cart":                          {Service: "cart", Version: "latest"},
		"docker.io/team/cart@sha256:0123456789abcdef0": {Service: "cart", Version: "0123456789ab"},
	} {
		service := serveArgs(t, []string{"serve", "--image", image}, env{"HOSTNAME": "cart-1"})
		var said genericAnswer
		got := call(t, "PUT", service.URL+"/a/b?c=d", "body")
		got.decode(t, &said)
		expected.Pod, expected.Method, expected.Path = "cart-1", "PUT", "/a/b"
		expect(t, image, said, expected)
		expect(t, image+" length", got.header.Get("Content-Length"), fmt.Sprint(len(got.body)))
	}
	versioned := serveArgs(t, []string{"serve", "--image", "team/cart:1.2"}, env{"SERVICE_VERSION": "v9"})
	expectContains(t, get(t, versioned.URL+"/").body, `"version":"v9"`)
}

func TestEveryServiceAnswersProbes(t *testing.T) {
	for _, image := range []string{"productpage-v1", "details-v1", "reviews-v2", "ratings-v1", "team/cart:v1", "client"} {
		service := start(t, image, env{"FAIL_PERCENT": "100"})
		sick := start(t, image, env{"UNHEALTHY": "1"})
		for _, path := range []string{"/health", "/ready", "/live"} {
			expect(t, image+path, get(t, service.URL+path).status, 200)
			expect(t, image+path+" unhealthy", get(t, sick.URL+path).status, 503)
		}
	}
	expect(t, "an unhealthy service still answers", get(t, start(t, "team/cart:v1", env{"UNHEALTHY": "1"}).URL+"/").status, 200)
}

func TestCountersCountByMethodUserAgentAndStatusAndLeaveThemselvesOut(t *testing.T) {
	service := start(t, "ratings-v1", env{"HOSTNAME": "ratings-1"})
	for range 3 {
		get(t, service.URL+"/ratings/0", "User-Agent", "run-1")
	}
	call(t, "POST", service.URL+"/ratings/0", `{"Reviewer1":3}`, "User-Agent", "run-1")
	get(t, service.URL+"/ratings/x", "User-Agent", "run-2")
	get(t, service.URL+requestsPath, "User-Agent", "run-1")

	var report countReport
	get(t, service.URL+requestsPath, "User-Agent", "run-1").decode(t, &report)
	expect(t, "who", fmt.Sprint(report.Service, report.Version, report.Pod), fmt.Sprint("ratings", "v1", "ratings-1"))
	expect(t, "counts", fmt.Sprint(report.Requests), fmt.Sprint([]requestCount{
		{"GET", "run-1", 200, 3}, {"POST", "run-1", 200, 1}, {"GET", "run-2", 400, 1},
	}))
}

func TestAnAnswerIsInTheCountersOnceItHasArrived(t *testing.T) {
	service := start(t, "team/cart:v1", env{})
	for n := 1; n <= 200; n++ {
		get(t, service.URL+"/", "User-Agent", "run")
		if counted := arrived(t, service, "run"); counted != n {
			t.Fatalf("%d requests answered, %d counted", n, counted)
		}
	}
}

func TestCountersAreBounded(t *testing.T) {
	bounded := newCounters()
	for n := range mostKeys + 50 {
		bounded.count("GET", fmt.Sprint("agent ", n), 200)
	}
	expect(t, "keys", len(bounded.counts), mostKeys+1)
	expect(t, "others", bounded.counts[counterKey{otherAgents, otherAgents, 200}], 50)
}

func TestFaultsHitTheirShareOfRequests(t *testing.T) {
	const requests = 4000 // a share of 30 % is then within 3.5 points but once in a million runs
	service := start(t, "team/cart:v1", env{"FAIL_PERCENT": "30", "FAIL_STATUS": "502",
		"ANSWER_PERCENT": "50", "ANSWER_BODY": `{"version":"odd"}`})
	failed, odd := 0, 0
	for range requests {
		switch got := get(t, service.URL+"/"); {
		case got.status == 502:
			failed++
		case got.body == `{"version":"odd"}`:
			odd++
		}
	}
	if share := float64(failed) / requests; share < 0.265 || share > 0.335 {
		t.Errorf("share of failures is %.3f, expected about 0.30", share)
	}
	if share := float64(odd) / requests; share < 0.31 || share > 0.39 {
		t.Errorf("share of odd answers is %.3f, expected about 0.35", share)
	}
}

func TestAServiceIsNotReadyUntilItsTimeHasCome(t *testing.T) {
	service := start(t, "team/cart:v1", env{"READY_AFTER_MS": "400"})
	expect(t, "/ready at first", get(t, service.URL+"/ready").status, 503)
	expect(t, "/health at first", get(t, service.URL+"/health").status, 503)
	expect(t, "/live at first", get(t, service.URL+"/live").status, 200)
	expect(t, "/ at first", get(t, service.URL+"/").status, 503)
	time.Sleep(450 * time.Millisecond)
	for _, path := range []string{"/ready", "/health", "/live", "/"} {
		expect(t, path+" later", get(t, service.URL+path).status, 200)
	}
}

// process starts the program itself on a free port and waits until it listens.
func process(t *testing.T, args []string, variables ...string) (*exec.Cmd, string, *bytes.Buffer) {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	command := exec.Command(os.Args[0], args...)
	_, port, _ := net.SplitHostPort(address)
	command.Env = append(os.Environ(), append(variables, "PLAY_STANDIN=1", "PORT="+port)...)
	log := &bytes.Buffer{}
	command.Stderr = log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() })
	for range 400 {
		if connection, err := net.Dial("tcp", address); err == nil {
			_ = connection.Close()
			return command, address, log
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the program does not listen")
	return nil, "", nil
}

func TestSIGTERMDrainsWithoutAFailedAnswerAndExitsWith0(t *testing.T) {
	command, address, log := process(t, []string{"serve", "--image", "team/cart:v1"}, "DELAY_MS=20", "DRAIN_MS=600")
	var failed, answered, late atomic.Int64
	terminated := make(chan time.Time, 1)
	done := make(chan struct{})
	for range 8 {
		go func() {
			defer func() { done <- struct{}{} }()
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			var sentTerm time.Time
			for {
				select {
				case sentTerm = <-terminated:
					terminated <- sentTerm
				default:
				}
				if !sentTerm.IsZero() && time.Since(sentTerm) > 500*time.Millisecond {
					return // before the drain ends nothing may fail
				}
				response, err := client.Get("http://" + address + "/")
				if err != nil || response.StatusCode != 200 {
					failed.Add(1)
					continue
				}
				_, _ = io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
				answered.Add(1)
				if !sentTerm.IsZero() {
					late.Add(1)
				}
			}
		}()
	}
	time.Sleep(200 * time.Millisecond)
	began := time.Now()
	_ = command.Process.Signal(syscall.SIGTERM)
	terminated <- began
	for range 8 {
		<-done
	}
	err := command.Wait()
	took := time.Since(began)

	expect(t, "failed answers", failed.Load(), 0)
	if answered.Load() < 20 || late.Load() < 20 {
		t.Errorf("too few answers to show anything: %d, %d of them in the drain", answered.Load(), late.Load())
	}
	expect(t, "exit", err, nil)
	expectContains(t, log.String(), "drained")
	if took < 600*time.Millisecond || took > 2*time.Second {
		t.Errorf("exit after %v, expected about 0.6 s", took)
	}
}

func TestKeptConnectionsAreClosedAfterTheirAnswerInADrain(t *testing.T) {
	command, address, _ := process(t, []string{"serve", "--image", "team/cart:v1"}, "DRAIN_MS=1000")
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	reader := bufio.NewReader(connection)
	ask := func() *http.Response {
		_, _ = io.WriteString(connection, "GET / HTTP/1.1\r\nHost: cart\r\n\r\n")
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		return response
	}
	expect(t, "before: connection closes", ask().Close, false)
	_ = command.Process.Signal(syscall.SIGTERM)
	time.Sleep(200 * time.Millisecond)
	last := ask()
	expect(t, "in the drain: status", last.StatusCode, 200)
	expect(t, "in the drain: connection closes", last.Close, true)
	_, err = reader.ReadByte()
	expect(t, "then", err, io.EOF)
	expect(t, "exit", command.Wait(), nil)
}

func TestAnAnswerInFlightOutlastsTheDrain(t *testing.T) {
	command, address, _ := process(t, []string{"serve", "--image", "team/cart:v1"}, "DELAY_MS=900", "DRAIN_MS=100")
	status := make(chan string, 1)
	go func() {
		response, err := http.Get("http://" + address + "/")
		if err != nil {
			status <- err.Error()
			return
		}
		_ = response.Body.Close()
		status <- response.Status
	}()
	time.Sleep(200 * time.Millisecond)
	_ = command.Process.Signal(syscall.SIGTERM)
	time.Sleep(300 * time.Millisecond)
	_, err := net.Dial("tcp", address)
	expect(t, "accepts no more", err != nil, true)
	expect(t, "answer in flight", <-status, "200 OK")
	expect(t, "exit", command.Wait(), nil)
}

func TestACrashEndsTheProcessWithCode1(t *testing.T) {
	command, _, log := process(t, []string{"serve", "--image", "team/cart:v1"}, "CRASH_AFTER_MS=300")
	_ = command.Wait()
	expect(t, "exit code", command.ProcessState.ExitCode(), 1)
	expectContains(t, log.String(), "CRASH_AFTER_MS=300")
}

func TestAServiceNeedsLessThan20MiBEvenAfterManyRequests(t *testing.T) {
	command, address, _ := process(t, []string{"serve", "--image", bookinfoImages + "productpage-v1:1.20.3"})
	told := order{URL: "http://" + address + "/", Count: 10_000, Concurrency: 16}
	expect(t, "failed", send(t, start(t, "client", env{}), told).Failed, 0)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", command.Process.Pid))
	if err != nil {
		t.Skip("no /proc here")
	}
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	var kibibytes int
	if _, err := fmt.Sscan(after, &kibibytes); err != nil || kibibytes == 0 {
		t.Fatal("no VmRSS in the status of the process")
	}
	if kibibytes > 20<<10 {
		t.Errorf("resident memory is %d KiB, expected at most 20 MiB", kibibytes)
	}
}

func TestWrongInputIsRefusedWithKeyValueAndRule(t *testing.T) {
	serve := []string{"serve", "--image", bookinfoImages + "productpage-v1:1"}
	for _, row := range []struct {
		args     []string
		env      env
		expected string
	}{
		{[]string{"launch"}, env{}, `unknown subcommand "launch": must be serve or client`},
		{[]string{"serve"}, env{}, `flag --image has the value "": must name an image`},
		{[]string{"serve", "--image", bookinfoImages + "reviews-v4:1"}, env{}, `must be reviews v1, v2 or v3`},
		{[]string{"serve", "--colour", "red"}, env{}, `flag provided but not defined: -colour`},
		{[]string{"client", "now"}, env{}, `client: unexpected argument "now"`},
		{append(serve, "--port", "0"), env{}, `flag --port has the value "0": must be a whole number from 1 to 65535`},
		{serve, env{"PORT": "http"}, `environment variable PORT has the value "http": must be a whole number from 1 to 65535`},
		{serve, env{"FAIL_PERCENT": "101"}, `FAIL_PERCENT has the value "101": must be a number from 0 to 100`},
		{serve, env{"FAIL_PERCENT": "NaN"}, `FAIL_PERCENT has the value "NaN": must be a number from 0 to 100`},
		{serve, env{"FAIL_PERCENT": "5", "FAIL_STATUS": "200"}, `FAIL_STATUS has the value "200": must be a whole number from 400 to 599`},
		{serve, env{"FAIL_STATUS": "503"}, `FAIL_STATUS has the value "503": has no effect without FAIL_PERCENT`},
		{serve, env{"DELAY_PERCENT": "5"}, `DELAY_PERCENT has the value "5": has no effect without DELAY_MS`},
		{serve, env{"DELAY_MS": "1.5"}, `DELAY_MS has the value "1.5": must be a whole number from 0 to 86400000`},
		{serve, env{"UNHEALTHY": "maybe"}, `UNHEALTHY has the value "maybe": must be 1, true, 0 or false`},
		{serve, env{"REVIEWS_HOSTNAME": "a b"}, `REVIEWS_HOSTNAME has the value "a b": must be a host name`},
		{serve, env{"FLOOD_FACTOR": "-1"}, `FLOOD_FACTOR has the value "-1": must be a whole number from 0 to 1000`},
		{serve, env{"PORT": "0", "DRAIN_MS": "x"}, `environment variable DRAIN_MS has the value "x"`},
	} {
		var out, errs bytes.Buffer
		code := run(row.args, row.env.lookup, nil, &out, &errs)
		expect(t, row.expected+": exit code", code, exitUsage)
		expectContains(t, errs.String(), row.expected)
		expect(t, "output", out.String(), "")
	}
}

func TestAllProblemsAreReportedAtOnce(t *testing.T) {
	var out, errs bytes.Buffer
	run([]string{"serve", "--image", "cart"}, env{"PORT": "x", "FAIL_PERCENT": "x", "DRAIN_MS": "x"}.lookup, nil, &out, &errs)
	expect(t, "lines", strings.Count(errs.String(), "has the value"), 3)
}

func TestHelpNamesBothSubcommandsAndEveryVariable(t *testing.T) {
	var out, errs bytes.Buffer
	expect(t, "exit code", run([]string{"--help"}, env{}.lookup, nil, &out, &errs), exitOK)
	for _, word := range []string{"standin serve", "standin client", "FAIL_PERCENT", "DELAY_MS", "READY_AFTER_MS",
		"CRASH_AFTER_MS", "UNHEALTHY", "DRAIN_MS", "SERVICE_VERSION", "SERVICES_DOMAIN", "FLOOD_FACTOR", "ANSWER_BODY"} {
		expectContains(t, out.String(), word)
	}
	expect(t, "errors", errs.String(), "")
}

func BenchmarkReviewsV1(b *testing.B) { benchmark(b, start(b, "reviews-v1", env{}), "/reviews/0") }

func BenchmarkReviewsV2WithRatings(b *testing.B) {
	ratings := start(b, "ratings-v1", env{})
	benchmark(b, start(b, "reviews-v2", env{}.with("RATINGS", ratings)), "/reviews/0")
}

func BenchmarkProductpage(b *testing.B) { benchmark(b, openShop(b, "v3", env{}).front, "/productpage") }

// benchmark includes the client and, where there are some, the services downstream.
func benchmark(b *testing.B, service *httptest.Server, path string) {
	transport := newTransport(false)
	b.ReportAllocs()
	b.RunParallel(func(each *testing.PB) {
		for each.Next() {
			request, _ := http.NewRequest("GET", service.URL+path, nil)
			response, err := transport.RoundTrip(request)
			if err != nil || response.StatusCode != 200 {
				b.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}
