package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

var t0 = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func TestReadinessFollowsItsThresholds(t *testing.T) {
	s := newProbeState(readinessProbe, &corev1.Probe{PeriodSeconds: 1, SuccessThreshold: 2, FailureThreshold: 3}, t0, false)
	for i, step := range []struct{ ok, passing bool }{
		{false, false}, {true, false}, {false, false}, {true, false}, {true, true},
		{false, true}, {false, true}, {true, true}, {false, true}, {false, true}, {false, false},
		{true, false}, {true, true},
	} {
		s.observe(step.ok, t0.Add(time.Duration(i)*time.Second))
		if s.passing != step.passing {
			t.Fatalf("after result %d passing is %v", i+1, s.passing)
		}
	}
	if s.mustRestart() {
		t.Error("readiness asked for a restart")
	}
}

func TestLivenessAsksForARestartOnlyAfterFailuresInARow(t *testing.T) {
	s := newProbeState(livenessProbe, &corev1.Probe{PeriodSeconds: 10, FailureThreshold: 2}, t0, true)
	for i, ok := range []bool{false, true, false} {
		if s.observe(ok, t0.Add(time.Duration(10*i)*time.Second)); s.mustRestart() {
			t.Fatal("restart after", i+1, "results")
		}
	}
	if s.observe(false, t0.Add(30*time.Second)); !s.mustRestart() || !s.over() {
		t.Error("no restart after two failures in a row")
	}
}

func TestAStartupProbeGetsAllItsPeriodsHoweverOftenItIsTried(t *testing.T) {
	s := newProbeState(startupProbe, &corev1.Probe{PeriodSeconds: 1, FailureThreshold: 5}, t0, false)
	now := t0
	for !s.mustRestart() {
		s.observe(false, now)
		now = now.Add(s.wait(now))
	}
	if waited := now.Sub(t0); waited < 4*time.Second || waited > 7*time.Second {
		t.Errorf("five failures at one second each took %s", waited)
	}
}

func TestAProbeThatPassedOnceIsTriedOncePerPeriod(t *testing.T) {
	s := newProbeState(readinessProbe, &corev1.Probe{PeriodSeconds: 10}, t0, false)
	if w := s.wait(t0); w != firstGap {
		t.Errorf("first wait is %s", w)
	}
	if w := s.wait(t0.Add(4 * time.Second)); w != 500*time.Millisecond {
		t.Errorf("wait after 4 s is %s", w)
	}
	if w := s.wait(t0.Add(time.Hour)); w != 10*time.Second {
		t.Errorf("wait after an hour is %s", w)
	}
	s.observe(true, t0)
	s.observe(false, t0.Add(time.Second))
	if w := s.wait(t0.Add(time.Second)); w != 10*time.Second {
		t.Errorf("wait after it passed is %s", w)
	}
}

func TestHTTPProbesAcceptSuccessAndRedirectsAlone(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/elsewhere":
			http.Redirect(w, r, "http://192.0.2.1/", http.StatusFound)
		case "/error":
			w.WriteHeader(http.StatusInternalServerError)
		case "/header":
			if r.Header.Get("X-Test") != "1" || r.Host != "app" || r.URL.RawQuery != "a=b" {
				w.WriteHeader(http.StatusBadRequest)
			}
		}
	}))
	defer server.Close()
	act := actor{
		container: &corev1.Container{Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 9080}}},
		address:   func(int) string { return strings.TrimPrefix(server.URL, "http://") },
	}
	headers := []corev1.HTTPHeader{{Name: "X-Test", Value: "1"}, {Name: "Host", Value: "app"}}
	for path, passes := range map[string]bool{"/": true, "/elsewhere": true, "/error": false, "/header?a=b": true} {
		err := act.probe(t.Context(), corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{
			Path: path, Port: intstr.FromString("http"), HTTPHeaders: headers}})
		if (err == nil) != passes {
			t.Errorf("%s: %v", path, err)
		}
	}
	err := act.probe(t.Context(), corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromString("grpc")}})
	if err == nil {
		t.Error("an unknown port name was accepted")
	}
}

func TestAnExecProbeOfAProgramThatOnlyTheImageHasPasses(t *testing.T) {
	answers := map[string]error{"missing": exec.ErrNotFound, "broken": errors.New("no")}
	act := actor{run: func(_ context.Context, command []string) (int, error) {
		if command[0] == "fails" {
			return 1, nil
		}
		return 0, answers[command[0]]
	}}
	for command, passes := range map[string]bool{"missing": true, "works": true, "broken": false, "fails": false} {
		err := act.probe(t.Context(), corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: []string{command}}})
		if (err == nil) != passes {
			t.Errorf("%s: %v", command, err)
		}
	}
}

func TestTheFirstProbeDoesNotWaitForAPeriod(t *testing.T) {
	reports := make(chan probeReport, 1)
	probe := &corev1.Probe{PeriodSeconds: 60}
	tries := 0
	go runProbe(t.Context(), readinessProbe, probe, false, func(context.Context, corev1.ProbeHandler) error {
		if tries++; tries < 3 {
			return errors.New("not yet")
		}
		return nil
	}, func(r probeReport) { reports <- r })
	select {
	case r := <-reports:
		if !r.passing || tries != 3 {
			t.Errorf("%+v after %d tries", r, tries)
		}
	case <-time.After(5 * time.Second):
		t.Error("no verdict within five seconds")
	}
}
