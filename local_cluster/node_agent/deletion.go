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
// their start: a sidecar serves its pod until the pod needs it no longer. hurry ends every wait at once.
func stopInOrder(containers, sidecars []stoppable, grace time.Duration, hurry <-chan struct{}) {
	deadline := time.Now().Add(grace)
	var all sync.WaitGroup
	for _, c := range containers {
		all.Go(func() { stopOne(c, deadline, hurry) })
	}
	all.Wait()
	for _, c := range slices.Backward(sidecars) {
		stopOne(c, deadline, hurry)
	}
}

// stopOne runs the preStop hook, sends SIGTERM, waits for what is left of the grace period, then kills.
func stopOne(c stoppable, deadline time.Time, hurry <-chan struct{}) {
	select {
	case <-c.finished():
		return
	default:
	}
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	hooked := make(chan struct{})
	go func() { c.preStop(ctx); close(hooked) }()
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
