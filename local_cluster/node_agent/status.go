package main

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// podStatus is the pod's status as a kubelet would write it; transition times of what did not change are kept.
func (w *worker) podStatus(now time.Time) corev1.PodStatus {
	s := corev1.PodStatus{
		ObservedGeneration: w.pod.Generation,
		Phase:              w.phase(), HostIP: w.agent.hostIP, HostIPs: []corev1.HostIP{{IP: w.agent.hostIP}},
		StartTime: w.pod.Status.StartTime,
	}
	if s.StartTime == nil {
		t := metav1.NewTime(now).Rfc3339Copy()
		s.StartTime = &t
	}
	if w.address.IsValid() {
		s.PodIP = w.address.String()
		s.PodIPs = []corev1.PodIP{{IP: s.PodIP}}
	}
	for _, c := range w.inits {
		s.InitContainerStatuses = append(s.InitContainerStatuses, c.status())
	}
	for _, c := range w.mains {
		s.ContainerStatuses = append(s.ContainerStatuses, c.status())
	}
	s.Conditions = w.conditions(s.Phase, now)
	return s
}

func (w *worker) phase() corev1.PodPhase {
	anyStarted, allOver, failed := false, len(w.mains) > 0, false
	for _, c := range w.mains {
		anyStarted = anyStarted || c.state != waiting || c.ended != nil
		allOver = allOver && c.state == terminated
		failed = failed || (c.ended != nil && c.ended.ExitCode != 0)
	}
	switch {
	case w.finished && !w.initialized:
		return corev1.PodFailed
	case w.finished && allOver && failed:
		return corev1.PodFailed
	case w.finished && allOver:
		return corev1.PodSucceeded
	case !w.initialized || !anyStarted:
		return corev1.PodPending
	}
	return corev1.PodRunning
}

func (w *worker) conditions(phase corev1.PodPhase, now time.Time) []corev1.PodCondition {
	var unready []string
	for _, c := range w.mains {
		if !c.ready {
			unready = append(unready, c.spec.Name)
		}
	}
	for _, c := range w.inits {
		if c.sidecar && !c.ready {
			unready = append(unready, c.spec.Name)
		}
	}
	reason, message := "ContainersNotReady", fmt.Sprintf("containers with unready status: [%s]", strings.Join(unready, " "))
	switch {
	case phase == corev1.PodSucceeded:
		reason, message = "PodCompleted", ""
	case phase == corev1.PodFailed:
		reason, message = "PodFailed", ""
	case w.deleting:
		reason, message = "PodDeleting", "the pod is being stopped"
	}
	ready := len(unready) == 0 && w.initialized && !w.deleting && phase == corev1.PodRunning
	gates, gateMessage := w.gatesOpen()
	podReady, podReason, podMessage := ready && gates, reason, message
	if ready && !gates {
		podReason, podMessage = "ReadinessGatesNotReady", gateMessage
	}
	return []corev1.PodCondition{
		w.condition(corev1.PodReadyToStartContainers, w.prepared && !w.finished, "", "", now),
		w.condition(corev1.PodInitialized, w.initialized, "ContainersNotInitialized", "", now),
		w.condition(corev1.PodReady, podReady, podReason, podMessage, now),
		w.condition(corev1.ContainersReady, ready, reason, message, now),
		w.condition(corev1.PodScheduled, true, "", "", now),
	}
}

// gatesOpen says whether the conditions that the pod's readiness gates name are true.
func (w *worker) gatesOpen() (bool, string) {
	for _, g := range w.pod.Spec.ReadinessGates {
		if c := findCondition(w.pod.Status.Conditions, g.ConditionType); c == nil || c.Status != corev1.ConditionTrue {
			return false, fmt.Sprintf("readiness gate %q is not true", g.ConditionType)
		}
	}
	return true, ""
}

// condition builds one condition; reason and message are for the case that it does not hold.
func (w *worker) condition(kind corev1.PodConditionType, holds bool, reason, message string, now time.Time) corev1.PodCondition {
	c := corev1.PodCondition{
		Type: kind, Status: corev1.ConditionTrue, ObservedGeneration: w.pod.Generation,
		LastTransitionTime: metav1.NewTime(now).Rfc3339Copy(),
	}
	if !holds {
		c.Status, c.Reason, c.Message = corev1.ConditionFalse, reason, message
	}
	for _, known := range [][]corev1.PodCondition{w.published.status.Conditions, w.pod.Status.Conditions} {
		if old := findCondition(known, kind); old != nil {
			if old.Status == c.Status {
				c.LastTransitionTime = old.LastTransitionTime
			}
			break
		}
	}
	return c
}

func findCondition(in []corev1.PodCondition, kind corev1.PodConditionType) *corev1.PodCondition {
	for i := range in {
		if in[i].Type == kind {
			return &in[i]
		}
	}
	return nil
}

func (c *container) status() corev1.ContainerStatus {
	started := c.started && c.state == running
	s := corev1.ContainerStatus{
		Name: c.spec.Name, Image: c.spec.Image, ImageID: c.spec.Image, RestartCount: c.restarts, Started: &started,
		Ready: c.ready || (c.init && !c.sidecar && c.state == terminated && c.ended.ExitCode == 0),
	}
	switch c.state {
	case waiting:
		s.State.Waiting = &corev1.ContainerStateWaiting{Reason: c.reason, Message: c.message}
		s.LastTerminationState.Terminated = c.ended
		if c.ended == nil {
			s.LastTerminationState.Terminated = c.last
		}
	case running:
		s.ContainerID = c.id()
		s.State.Running = &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(c.startedAt).Rfc3339Copy()}
		s.LastTerminationState.Terminated = c.last
	case terminated:
		s.ContainerID = c.ended.ContainerID
		s.State.Terminated = c.ended
		s.LastTerminationState.Terminated = c.last
	}
	return s
}
