package main

import (
	"context"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// fakeProcess takes some time for its hook and to end after SIGTERM; negative: never.
type fakeProcess struct {
	name       string
	hook, ends time.Duration
	events     *events
	done       chan struct{}
	once       sync.Once
}

type events struct {
	mu    sync.Mutex
	began time.Time
	list  []string
}

func (e *events) add(text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, time.Since(e.began).String()+" "+text)
}

func (f *fakeProcess) preStop(ctx context.Context) {
	if f.hook > 0 {
		sleep(ctx, f.hook)
		f.events.add(f.name + " hook over")
	}
}

func (f *fakeProcess) signal(syscall.Signal) {
	f.events.add(f.name + " TERM")
	if f.ends >= 0 {
		time.AfterFunc(f.ends, func() { f.end("ended") })
	}
}

func (f *fakeProcess) end(how string) {
	f.once.Do(func() { f.events.add(f.name + " " + how); close(f.done) })
}

func (f *fakeProcess) kill()                     { f.end("killed") }
func (f *fakeProcess) finished() <-chan struct{} { return f.done }

func stopping(t *testing.T, grace time.Duration, hurryAfter time.Duration, build func(make func(string, time.Duration, time.Duration) stoppable) (c, s []stoppable)) []string {
	t.Helper()
	var list []string
	synctest.Test(t, func(*testing.T) {
		e := &events{began: time.Now()}
		containers, sidecars := build(func(name string, hook, ends time.Duration) stoppable {
			return &fakeProcess{name: name, hook: hook, ends: ends, events: e, done: make(chan struct{})}
		})
		hurry := make(chan struct{})
		if hurryAfter > 0 {
			time.AfterFunc(hurryAfter, func() { close(hurry) })
		}
		stopInOrder(containers, sidecars, grace, hurry)
		synctest.Wait()
		list = e.list
	})
	return list
}

func expectEvents(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestHookThenTermThenSidecarsInReverseOrder(t *testing.T) {
	got := stopping(t, 30*time.Second, 0, func(p func(string, time.Duration, time.Duration) stoppable) (c, s []stoppable) {
		return []stoppable{p("app", 5*time.Second, time.Second)},
			[]stoppable{p("first", 0, 0), p("second", 0, 2*time.Second)}
	})
	expectEvents(t, got, "5s app hook over", "5s app TERM", "6s app ended",
		"6s second TERM", "8s second ended", "8s first TERM", "8s first ended")
}

func TestASidecarsHookRunsBesideThoseOfTheContainers(t *testing.T) {
	got := stopping(t, 30*time.Second, 0, func(p func(string, time.Duration, time.Duration) stoppable) (c, s []stoppable) {
		return []stoppable{p("app", 5*time.Second, time.Second)}, []stoppable{p("proxy", time.Second, 0)}
	})
	expectEvents(t, got, "1s proxy hook over", "5s app hook over", "5s app TERM", "6s app ended",
		"6s proxy TERM", "6s proxy ended")
}

func TestWhatOutlivesTheGracePeriodIsKilled(t *testing.T) {
	got := stopping(t, 10*time.Second, 0, func(p func(string, time.Duration, time.Duration) stoppable) (c, s []stoppable) {
		return []stoppable{p("stubborn", 0, -1)}, nil
	})
	expectEvents(t, got, "0s stubborn TERM", "10s stubborn killed")
}

func TestAHookThatUsesUpTheGracePeriodLeavesTwoSecondsAfterTerm(t *testing.T) {
	got := stopping(t, 10*time.Second, 0, func(p func(string, time.Duration, time.Duration) stoppable) (c, s []stoppable) {
		return []stoppable{p("app", time.Minute, -1)}, nil
	})
	expectEvents(t, got, "10s app hook over", "10s app TERM", "12s app killed")
}

func TestAPodWhoseObjectIsGoneIsKilledAtOnce(t *testing.T) {
	got := stopping(t, 30*time.Second, 3*time.Second, func(p func(string, time.Duration, time.Duration) stoppable) (c, s []stoppable) {
		return []stoppable{p("app", 0, -1)}, nil
	})
	expectEvents(t, got, "0s app TERM", "3s app killed")
}
