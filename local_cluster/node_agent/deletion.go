package main

import (
	"context"
	"slices"
	"sync"
	"syscall"
	"time"
)

// leastGrace is what a container gets after SIGTERM even when its preStop hook used up the grace period.
const leastGrace = 2 * time.Second

// stoppable is a container as far as stopping it goes. Tests have one without a process.
type stoppable interface {
	preStop(ctx context.Context)
	signal(syscall.Signal)
	kill()
	finished() <-chan struct{}
}

// stopInOrder stops the containers side by side and, once they are gone, the native sidecars in the reverse order of
// their start: a sidecar serves its pod until the pod needs it no longer. Every preStop hook runs at once, those of the
// sidecars too: Istio's proxy closes its kept connections then, while the application still answers on new ones. hurry
// ends every wait at once. Source: Kubernetes 1.36, pkg/kubelet/kuberuntime, killContainer.
func stopInOrder(containers, sidecars []stoppable, grace time.Duration, hurry <-chan struct{}) {
	deadline := time.Now().Add(grace)
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	hooks := make([]<-chan struct{}, len(sidecars))
	for i, s := range sidecars {
		hooks[i] = startHook(ctx, s)
	}
	var all sync.WaitGroup
	for _, c := range containers {
		all.Go(func() { stopOne(c, startHook(ctx, c), deadline, hurry) })
	}
	all.Wait()
	for i, s := range slices.Backward(sidecars) {
		stopOne(s, hooks[i], deadline, hurry)
	}
}

// startHook runs the preStop hook until the context ends at most; the channel is closed when it is over.
func startHook(ctx context.Context, c stoppable) <-chan struct{} {
	hooked := make(chan struct{})
	select {
	case <-c.finished():
		close(hooked)
		return hooked
	default:
	}
	go func() { c.preStop(ctx); close(hooked) }()
	return hooked
}

// stopOne waits for the preStop hook, sends SIGTERM, waits for what is left of the grace period, then kills.
func stopOne(c stoppable, hooked <-chan struct{}, deadline time.Time, hurry <-chan struct{}) {
	select {
	case <-c.finished():
		return
	default:
	}
	select {
	case <-hooked:
	case <-c.finished():
		return
	case <-hurry:
	}
	c.signal(syscall.SIGTERM)
	left := time.NewTimer(max(time.Until(deadline), leastGrace))
	defer left.Stop()
	select {
	case <-c.finished():
		return
	case <-left.C:
	case <-hurry:
	}
	c.kill()
	select {
	case <-c.finished():
	case <-time.After(5 * time.Second): // a process that the kernel does not let go
	}
}
