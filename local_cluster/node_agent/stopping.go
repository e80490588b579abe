package main

import (
	"context"
	"net"
	"os"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// defaultGrace is the API's own default.
const defaultGrace = 30 * time.Second

// actor gives probes and hooks of a container what they need.
func (w *worker) actor(c *container, l launch) actor {
	spec, env, address := c.spec, l.env, w.address.String()
	base := l
	base.output = nil
	return actor{
		container: &spec,
		address:   func(port int) string { return net.JoinHostPort(address, strconv.Itoa(port)) },
		run:       func(ctx context.Context, command []string) (int, error) { return w.runInPod(ctx, base, env, command) },
	}
}

// runningContainer is a container's process together with its preStop hook.
type runningContainer struct {
	*process
	hook func(ctx context.Context)
}

func (r runningContainer) preStop(ctx context.Context) {
	if r.hook != nil {
		r.hook(ctx)
	}
}

func (w *worker) stoppable(c *container) stoppable {
	r := runningContainer{process: c.proc}
	if life := c.spec.Lifecycle; life != nil && life.PreStop != nil {
		name := c.spec.Name
		act := w.actor(c, w.commandLaunch(c))
		r.hook = func(ctx context.Context) {
			if err := act.hook(ctx, life.PreStop); err != nil {
				w.log.Warn("preStop hook failed", "container", name, "err", err)
			}
		}
	}
	return r
}

func (w *worker) stoppables(containers []*container) []stoppable {
	var out []stoppable
	for _, c := range containers {
		if c.proc != nil {
			out = append(out, w.stoppable(c))
		}
	}
	return out
}

// grace is how long the pod may take to stop.
func (w *worker) grace() time.Duration {
	if s := w.pod.DeletionGracePeriodSeconds; s != nil {
		return time.Duration(*s) * time.Second
	}
	if s := w.pod.Spec.TerminationGracePeriodSeconds; s != nil {
		return time.Duration(*s) * time.Second
	}
	return defaultGrace
}

// delete ends the pod: not ready, hooks and SIGTERM, SIGKILL after the grace period, the object deleted, the network
// and the folder gone. Agents that are started again in the middle do all of it once more.
func (w *worker) delete(ctx context.Context) {
	w.deleting = true
	forced := w.isGone()
	grace := w.grace()
	if forced {
		grace = 0
	}
	w.agent.istiods.set(w.address, false)
	w.log.Info("pod is stopped", "grace", grace, "forced", forced)
	for _, c := range w.all() {
		if c.stopProbes != nil {
			c.stopProbes()
		}
	}
	if !forced {
		w.publish(ctx)
	}
	var sidecars, containers []*container
	for _, c := range w.inits {
		if c.sidecar {
			sidecars = append(sidecars, c)
		} else {
			containers = append(containers, c)
		}
	}
	containers = append(containers, w.mains...)
	stopInOrder(w.stoppables(containers), w.stoppables(sidecars), grace, w.gone)
	w.collectEnds()
	w.finished = true
	if !w.isGone() {
		w.publish(ctx)
		w.deleteObject(ctx)
	}
	w.clear()
	w.log.Info("pod is gone")
}

// deleteObject takes the pod out of the API, which is what its owner waits for.
func (w *worker) deleteObject(ctx context.Context) {
	now := int64(0)
	options := metav1.DeleteOptions{GracePeriodSeconds: &now, Preconditions: &metav1.Preconditions{UID: &w.uid}}
	for !w.isGone() {
		err := w.agent.client.CoreV1().Pods(w.pod.Namespace).Delete(ctx, w.pod.Name, options)
		if err == nil || isGoneError(err) {
			return
		}
		w.log.Warn("pod object cannot be deleted, trying again", "err", err)
		if !sleep(ctx, time.Second) {
			return
		}
	}
}

// collectEnds notes the ends of processes that were stopped while the worker was not listening.
func (w *worker) collectEnds() {
	for _, c := range w.all() {
		if c.proc == nil {
			if c.state == running && w.deleting {
				c.end(0, time.Now())
			}
			continue
		}
		select {
		case <-c.proc.done:
			w.ended(c, c.proc)
		default:
			w.log.Error("process does not end", "container", c.spec.Name, "pid", c.proc.pid)
		}
	}
}

// clear takes away what the pod had on this machine. Its logs are kept for a while.
func (w *worker) clear() {
	if w.network != nil {
		w.network.remove()
	}
	if w.address.IsValid() {
		w.agent.addresses.release(w.address)
	}
	keepLogs(w.dir, w.agent.options.goneDir(), string(w.uid))
	if err := os.RemoveAll(w.dir); err != nil {
		w.log.Error("folder cannot be removed", "err", err)
	}
}
