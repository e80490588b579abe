package main

import (
	"context"

	corev1 "k8s.io/api/core/v1"
)

// follow watches a running process and starts the probes that are due; fresh: it was started just now.
func (w *worker) follow(c *container, l launch, fresh bool) {
	proc := c.proc
	probes, stop := context.WithCancel(context.Background())
	c.stopProbes = stop
	go func() {
		<-proc.done
		w.post(func() { w.ended(c, proc) })
	}()
	act := w.actor(c, l)
	if hook := c.spec.Lifecycle; fresh && hook != nil && hook.PostStart != nil {
		go func() { _ = act.hook(probes, hook.PostStart) }()
	}
	if !c.started {
		w.probe(probes, c, startupProbe, c.spec.StartupProbe, false, act)
		return
	}
	w.probeStarted(probes, c, act)
}

// probeStarted starts the probes that wait for the startup probe.
func (w *worker) probeStarted(ctx context.Context, c *container, act actor) {
	w.probe(ctx, c, readinessProbe, c.spec.ReadinessProbe, c.ready, act)
	w.probe(ctx, c, livenessProbe, c.spec.LivenessProbe, true, act)
}

func (w *worker) probe(ctx context.Context, c *container, kind probeKind, p *corev1.Probe, passing bool, act actor) {
	if p == nil {
		return
	}
	proc := c.proc
	go runProbe(ctx, kind, p, passing, act.probe, func(r probeReport) {
		w.post(func() {
			if c.proc == proc { // else it speaks of a process that is gone
				w.hear(ctx, c, r, act)
			}
		})
	})
}

// hear takes a probe's verdict.
func (w *worker) hear(ctx context.Context, c *container, r probeReport, act actor) {
	switch {
	case r.mustRestart && !c.stopping:
		c.stopping = true
		w.log.Warn("container is restarted, its probe fails", "container", c.spec.Name, "probe", r.kind, "why", r.why)
		go stopInOrder([]stoppable{w.stoppable(c)}, nil, w.grace(), w.gone)
	case r.kind == startupProbe && r.passing:
		c.started = true
		c.ready = c.spec.ReadinessProbe == nil
		w.probeStarted(ctx, c, act)
	case r.kind == readinessProbe:
		c.ready = r.passing
		w.log.Info("readiness changed", "container", c.spec.Name, "ready", r.passing, "why", r.why)
	}
}
