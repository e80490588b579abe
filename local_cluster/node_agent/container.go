package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

type containerState string

const (
	waiting    containerState = "waiting"
	running    containerState = "running"
	terminated containerState = "terminated"
)

// Waiting reasons, as a kubelet spells them.
const (
	reasonCreating    = "ContainerCreating"
	reasonPodInit     = "PodInitializing"
	reasonConfigError = "CreateContainerConfigError"
	reasonRunError    = "RunContainerError"
	reasonCrashLoop   = "CrashLoopBackOff"
)

// container is one container of a pod that is run here. Only its pod's worker touches it.
type container struct {
	spec    corev1.Container
	init    bool // one of spec.initContainers
	sidecar bool // a native one: an init container that is always restarted
	mode    string
	rule    imageRule

	state     containerState
	reason    string // why it waits
	message   string
	proc      *process // set while it runs, unless it is pretended
	startedAt time.Time
	ended     *corev1.ContainerStateTerminated
	last      *corev1.ContainerStateTerminated
	restarts  int32

	started bool // its startup probe passed
	ready   bool // its readiness probe passes

	backoff    backoff
	notBefore  time.Time          // no start earlier than this
	stopProbes context.CancelFunc // ends the probes of the present process
	stopping   bool               // a liveness or startup probe asked for its end
}

func newContainers(pod *corev1.Pod, images *imageBook, o options) (inits, mains []*container) {
	make := func(spec corev1.Container, init bool) *container {
		c := &container{
			spec: spec, init: init, state: waiting, reason: reasonPodInit,
			backoff: backoff{base: o.backoffBase, max: o.backoffMax},
		}
		c.sidecar = init && spec.RestartPolicy != nil && *spec.RestartPolicy == corev1.ContainerRestartPolicyAlways
		rule, found := images.match(spec.Image)
		if c.rule, c.mode = rule, rule.Mode; !found {
			c.mode = modePretend
		}
		return c
	}
	for _, s := range pod.Spec.InitContainers {
		inits = append(inits, make(s, true))
	}
	for _, s := range pod.Spec.Containers {
		mains = append(mains, make(s, false))
	}
	return inits, mains
}

// logName is the container's log, inside its pod's folder.
func (c *container) logName() string { return c.spec.Name + ".log" }

// wait puts the container (back) into a waiting state.
func (c *container) wait(reason, message string) {
	c.state, c.reason, c.message, c.ready, c.started = waiting, reason, message, false, false
}

// begin notes that the container runs; proc is nil for a pretended one.
func (c *container) begin(proc *process, now time.Time) {
	if c.ended != nil {
		c.last = c.ended
		c.restarts++
	}
	c.state, c.proc, c.startedAt, c.ended, c.stopping = running, proc, now, nil, false
	c.reason, c.message = "", ""
	c.started = c.spec.StartupProbe == nil || proc == nil
	c.ready = proc == nil || (c.started && c.spec.ReadinessProbe == nil)
}

// end notes that the container's process is gone.
func (c *container) end(code int, now time.Time) {
	reason := "Completed"
	if code != 0 {
		reason = "Error"
	}
	c.ended = &corev1.ContainerStateTerminated{
		ExitCode: int32(code), Reason: reason, ContainerID: c.id(),
		StartedAt: metav1.NewTime(c.startedAt), FinishedAt: metav1.NewTime(now),
	}
	if code > 128 && code < 128+65 {
		c.ended.Signal = int32(code - 128)
	}
	if c.stopProbes != nil {
		c.stopProbes()
		c.stopProbes = nil
	}
	c.state, c.proc, c.ready, c.started = terminated, nil, false, false
}

// holdBack says from when on the ended container may be started again, and shows it as crash loop.
func (c *container) holdBack(now time.Time) {
	ran := c.ended.FinishedAt.Sub(c.ended.StartedAt.Time)
	delay := c.backoff.next(ran)
	c.notBefore = now.Add(delay)
	c.state, c.reason = waiting, reasonCrashLoop
	c.message = fmt.Sprintf("back-off %s restarting failed container=%s", delay, c.spec.Name)
}

// id is what stands as containerID in the status.
func (c *container) id() string {
	if c.proc == nil {
		return "pretended://" + c.spec.Name
	}
	return fmt.Sprintf("process://%d-%d", c.proc.pid, c.proc.start)
}

// uid of the container's process.
func (c *container) uid(pod *corev1.Pod) int {
	if c.rule.User != nil {
		return *c.rule.User
	}
	if s := c.spec.SecurityContext; s != nil && s.RunAsUser != nil {
		return int(*s.RunAsUser)
	}
	if s := pod.Spec.SecurityContext; s != nil && s.RunAsUser != nil {
		return int(*s.RunAsUser)
	}
	switch c.mode {
	case modeIstioProxy:
		return proxyUser
	case modeIstiod:
		return 0
	}
	return nobody
}

const nobody = 65534

func binPath(bin, name string) string { return filepath.Join(bin, name) }
