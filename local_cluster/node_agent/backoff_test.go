package main

import (
	"testing"
	"time"
)

func TestTheWaitDoublesUpToItsLimitAndStartsOverAfterALongRun(t *testing.T) {
	b := backoff{base: time.Second, max: 10 * time.Second}
	for i, step := range []struct{ ran, wait time.Duration }{
		{0, 1}, {1, 2}, {0, 4}, {3, 8}, {0, 10}, {19, 10}, {20, 1}, {0, 2},
	} {
		if got := b.next(step.ran * time.Second); got != step.wait*time.Second {
			t.Errorf("end %d: wait %s, want %ds", i+1, got, step.wait)
		}
	}
}
