package main

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// step brings the pod one step nearer to what its spec wants and says when it has to be looked at again (zero: when
// something happens). It looks at the containers' states alone, so it may be called at any time.
func (w *worker) step(ctx context.Context, now time.Time) (next time.Time) {
	if w.finished {
		return next
	}
	if !w.prepared {
		if err := w.prepare(); err != nil {
			w.log.Error("network or folder cannot be made", "err", err)
			return now.Add(time.Second)
		}
		w.prepared = true
		w.log.Info("pod accepted", "ip", w.address)
	}
	if !w.tokenDue.IsZero() {
		if now.After(w.tokenDue) {
			if err := w.renewToken(ctx); err != nil {
				w.log.Warn("token cannot be renewed", "err", err)
				w.tokenDue = now.Add(time.Minute)
			}
		}
		next = earliest(next, w.tokenDue)
	}
	if w.inClusterNamespace() {
		if now.After(w.meshDue) {
			if err := w.keepMeshConfig(ctx); err != nil {
				w.log.Warn("mesh settings cannot be read", "err", err)
			}
		}
		next = earliest(next, w.meshDue)
	}
	through, at := w.stepInits(ctx, now)
	next = earliest(next, at)
	w.initialized = w.initialized || through
	if !through || w.finished {
		return next
	}
	over := 0
	for _, c := range w.mains {
		next = earliest(next, w.keepRunning(ctx, c, now))
		if c.state == terminated {
			over++
		}
	}
	if over == len(w.mains) {
		w.finish()
	}
	return next
}

// stepInits runs the init containers one after the other; a native sidecar counts as through once it has started.
// After that only the sidecars are looked after.
func (w *worker) stepInits(ctx context.Context, now time.Time) (through bool, next time.Time) {
	for _, c := range w.inits {
		if w.initialized && !c.sidecar {
			continue
		}
		next = earliest(next, w.keepRunning(ctx, c, now))
		switch {
		case c.sidecar && (c.started || w.initialized):
		case !c.sidecar && c.state == terminated && c.ended.ExitCode == 0:
		case !c.sidecar && c.state == terminated: // and not to be started again
			w.finish()
			return false, next
		default:
			return false, next
		}
	}
	return true, next
}

// keepRunning starts the container when it is due. It answers when it wants to be asked again.
func (w *worker) keepRunning(ctx context.Context, c *container, now time.Time) time.Time {
	if c.state == terminated {
		policy := restartPolicy(w.pod, c)
		if c.mode == modePretend || policy == corev1.RestartPolicyNever ||
			(policy == corev1.RestartPolicyOnFailure && c.ended.ExitCode == 0) {
			return time.Time{}
		}
		c.holdBack(now)
	}
	if c.state == running {
		return time.Time{}
	}
	if now.Before(c.notBefore) {
		return c.notBefore
	}
	if c.ended == nil {
		c.wait(reasonCreating, "")
	}
	if reason, err := w.start(ctx, c); err != nil {
		if c.message != err.Error() {
			w.log.Warn("container cannot be started", "container", c.spec.Name, "reason", reason, "err", err)
		}
		c.wait(reason, err.Error())
		c.notBefore = now.Add(time.Second)
		return c.notBefore
	}
	return time.Time{}
}

// start starts the container's process and its probes; the reason goes with an error.
func (w *worker) start(ctx context.Context, c *container) (reason string, err error) {
	if c.spec.Image == placeholderImage {
		return "ErrImagePull", fmt.Errorf("image %q is Istio's placeholder: the pod was made without its webhook", c.spec.Image)
	}
	if c.mode == modePretend {
		c.begin(nil, time.Now())
		if c.init && !c.sidecar {
			c.end(0, time.Now())
		}
		w.log.Info("container is pretended, no command is registered for it", "container", c.spec.Name, "image", c.spec.Image)
		return "", nil
	}
	l, err := w.containerLaunch(ctx, c)
	if err != nil {
		return reasonConfigError, err
	}
	output, err := w.openLog(c)
	if err != nil {
		return reasonRunError, err
	}
	defer output.Close()
	l.output = output
	proc, err := startProcess(l)
	if err != nil {
		return reasonRunError, err
	}
	c.begin(proc, time.Now())
	w.log.Info("container started", "container", c.spec.Name, "pid", proc.pid, "restarts", c.restarts)
	w.follow(c, l, true)
	return "", nil
}

// placeholderImage stands in the gateway chart until the webhook puts the proxy's image there.
const placeholderImage = "auto"

// ended takes note of a process's end.
func (w *worker) ended(c *container, proc *process) {
	if c.proc != proc {
		return
	}
	c.end(proc.code, time.Now())
	w.log.Info("container ended", "container", c.spec.Name, "exit", proc.code)
}

// finish ends a pod whose containers are through: sidecars are stopped, the phase becomes final.
func (w *worker) finish() {
	w.finished = true
	stopInOrder(nil, w.stoppables(w.inits), w.grace(), w.gone)
	w.collectEnds()
	if w.network != nil {
		w.network.remove() // the address stays taken until the object is gone
	}
	w.log.Info("pod finished", "phase", w.phase())
}
