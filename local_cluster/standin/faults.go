package main

import (
	"context"
	"math/rand/v2"
	"net/http"
	"time"
)

// faults is how a service misbehaves. Shares are from 0 to 1; each request draws anew.
type faults struct {
	failShare   float64
	failStatus  int
	delayShare  float64
	delay       time.Duration
	answerShare float64
	answerBody  []byte
	readyAfter  time.Duration
	crashAfter  time.Duration // 0 means never
	unhealthy   bool
}

// readFaults reads the fault variables; one that would have no effect is refused.
func readFaults(settings *settings) faults {
	delayed := 0.0
	if settings.has("DELAY_MS") {
		delayed = 100
	}
	f := faults{
		failShare:   settings.percent("FAIL_PERCENT", 0),
		failStatus:  settings.whole("FAIL_STATUS", http.StatusInternalServerError, 400, 599),
		delayShare:  settings.percent("DELAY_PERCENT", delayed),
		delay:       settings.milliseconds("DELAY_MS", 0),
		answerShare: settings.percent("ANSWER_PERCENT", 0),
		answerBody:  []byte(settings.text("ANSWER_BODY", "")),
		readyAfter:  settings.milliseconds("READY_AFTER_MS", 0),
		crashAfter:  settings.milliseconds("CRASH_AFTER_MS", 0),
		unhealthy:   settings.yes("UNHEALTHY", false),
	}
	for _, pair := range [][2]string{
		{"FAIL_STATUS", "FAIL_PERCENT"}, {"DELAY_PERCENT", "DELAY_MS"},
		{"ANSWER_PERCENT", "ANSWER_BODY"}, {"ANSWER_BODY", "ANSWER_PERCENT"},
	} {
		if settings.has(pair[0]) && !settings.has(pair[1]) {
			settings.refuse("environment variable "+pair[0], settings.text(pair[0], ""),
				"has no effect without "+pair[1]+": set both or none")
		}
	}
	return f
}

// apply waits when the request is to be delayed, then returns the answer that replaces the
// service's own, or nil. The wait ends early when the client goes away.
func (f *faults) apply(ctx context.Context) *answer {
	if drawn(f.delayShare) {
		wait := time.NewTimer(f.delay)
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-ctx.Done():
		}
	}
	if drawn(f.failShare) {
		failed := errorAnswer(f.failStatus, "fails as told by FAIL_PERCENT")
		return &failed
	}
	if drawn(f.answerShare) {
		return &answer{status: http.StatusOK, contentType: jsonType, body: f.answerBody}
	}
	return nil
}

// drawn is true for the given share of the calls.
func drawn(share float64) bool {
	return share > 0 && rand.Float64() < share
}
