package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

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
