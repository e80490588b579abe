package main

import (
	"time"

	corev1 "k8s.io/api/core/v1"
)

type probeKind string

const (
	startupProbe   probeKind = "startup"
	readinessProbe probeKind = "readiness"
	livenessProbe  probeKind = "liveness"
)

// firstGap is the shortest wait between two tries of a probe that has not passed yet.
const firstGap = 50 * time.Millisecond

// probeState counts a probe's results. It has no clock: callers say what time it is.
//
// As in a kubelet, failureThreshold failures in a row make a probe fail and successThreshold successes in a row
// make it pass. Unlike a kubelet, a startup or readiness probe that never passed is tried more often than once a
// period, at gaps of an eighth of the time it has waited so far; such extra tries can pass but not fail. So a pod
// is ready soon after it can be, and the thresholds keep their meaning in seconds.
type probeState struct {
	kind    probeKind
	probe   *corev1.Probe
	began   time.Time // when the first try was made
	counted time.Time // when a failure was last counted

	passing     bool
	everPassed  bool
	successes   int32
	failures    int32
	hasFailures bool // failureThreshold was reached
}

func newProbeState(kind probeKind, probe *corev1.Probe, began time.Time, passing bool) *probeState {
	return &probeState{
		kind: kind, probe: probe, began: began,
		passing: passing || kind == livenessProbe, everPassed: passing || kind == livenessProbe,
	}
}

// observe takes one result.
func (s *probeState) observe(ok bool, now time.Time) {
	if ok {
		s.failures = 0
		if s.successes++; s.successes >= max(1, s.probe.SuccessThreshold) {
			s.passing, s.everPassed, s.hasFailures = true, true, false
		}
		return
	}
	s.successes = 0
	if !s.everPassed && !s.counted.IsZero() && now.Sub(s.counted) < s.period() {
		return
	}
	s.counted = now
	if s.failures++; s.failures >= max(1, s.probe.FailureThreshold) {
		s.passing, s.hasFailures = false, true
	}
}

// wait is the time until the next try.
func (s *probeState) wait(now time.Time) time.Duration {
	if s.everPassed {
		return s.period()
	}
	return min(max(now.Sub(s.began)/8, firstGap), s.period())
}

// mustRestart says that the container has to be started anew.
func (s *probeState) mustRestart() bool { return s.kind != readinessProbe && s.hasFailures }

// over says that no further try is needed.
func (s *probeState) over() bool {
	return s.mustRestart() || (s.kind == startupProbe && s.passing)
}

func (s *probeState) period() time.Duration {
	return time.Duration(max(1, s.probe.PeriodSeconds)) * time.Second
}

func (s *probeState) timeout() time.Duration {
	return time.Duration(max(1, s.probe.TimeoutSeconds)) * time.Second
}
