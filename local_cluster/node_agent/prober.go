package main

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// probeReport is what the pod's worker is told when a probe's verdict changes.
type probeReport struct {
	kind        probeKind
	passing     bool
	mustRestart bool
	why         string // the last failure
}

// runProbe probes until the context ends or nothing more is to be learned. It reports every change of the verdict.
func runProbe(
	ctx context.Context, kind probeKind, probe *corev1.Probe, passing bool,
	try func(context.Context, corev1.ProbeHandler) error, report func(probeReport),
) {
	if !sleep(ctx, time.Duration(probe.InitialDelaySeconds)*time.Second) {
		return
	}
	state := newProbeState(kind, probe, time.Now(), passing)
	for {
		attempt, cancel := context.WithTimeout(ctx, state.timeout())
		err := try(attempt, probe.ProbeHandler)
		cancel()
		if ctx.Err() != nil {
			return
		}
		before := state.passing
		state.observe(err == nil, time.Now())
		if state.passing != before || state.mustRestart() {
			r := probeReport{kind: kind, passing: state.passing, mustRestart: state.mustRestart()}
			if err != nil {
				r.why = err.Error()
			}
			report(r)
		}
		if state.over() || !sleep(ctx, state.wait(time.Now())) {
			return
		}
	}
}

// sleep waits; false when the context ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
