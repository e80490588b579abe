package main

import "time"

// backoff is the wait between a container's end and its next start: base, doubled at every further end, at most
// max. A container that ran for twice max starts over at base, as a kubelet does it.
type backoff struct {
	base, max time.Duration
	current   time.Duration
}

func (b *backoff) next(ran time.Duration) time.Duration {
	switch {
	case b.current == 0 || ran >= 2*b.max:
		b.current = b.base
	default:
		b.current = min(2*b.current, b.max)
	}
	return b.current
}
