package main

import (
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// recordOf finds what an earlier agent wrote about this very pod.
func (a *Agent) recordOf(pod *corev1.Pod) (podRecord, bool) {
	r, found := a.records[filepath.Join(a.options.podsDir(), pod.Namespace+"_"+pod.Name)]
	return r, found && r.UID == pod.UID
}

// adopt takes over what an earlier agent left of the pod: address, network, counts, and the processes that still run.
// What no longer fits is cleared away, so that no container ever runs twice.
func (a *Agent) adopt(w *worker) {
	w.finished = w.pod.Status.Phase == corev1.PodSucceeded || w.pod.Status.Phase == corev1.PodFailed
	record, found := a.recordOf(w.pod)
	if !found {
		w.address = a.promised[w.pod.UID]
		return
	}
	address, err := netip.ParseAddr(record.IP)
	if err != nil {
		return
	}
	w.address = address
	if record.Netns != "" {
		n := newPodNetwork(a.options.name, a.addresses.number(address), address, a.options.dns.Addr())
		w.network = &n
		if !w.finished && !n.exists() {
			w.log.Warn("network is gone, the pod starts anew")
			for _, c := range record.Containers {
				if c.Pid != 0 && alive(c.Pid, c.StartTime) {
					killSession(c.Pid)
				}
			}
			return // prepare makes it again, with the same address
		}
	}
	w.prepared, w.initialized = true, record.Initialized
	for _, c := range w.all() {
		for _, r := range record.Containers {
			if r.Name == c.spec.Name {
				w.takeOver(c, r)
			}
		}
	}
}

// takeOver continues one container. A process that ended while nobody looked counts as ended now.
func (w *worker) takeOver(c *container, r containerRecord) {
	c.restarts, c.last, c.ended, c.startedAt = r.Restarts, r.Last, r.Ended, r.StartedAt
	c.backoff.current, c.notBefore = r.Backoff, r.NotBefore
	switch r.State {
	case terminated:
		c.state = terminated
	case waiting:
		c.reason = reasonPodInit
		if c.ended != nil {
			c.reason = reasonCrashLoop
		}
	case running:
		c.state, c.started = running, true
		if r.Pid == 0 {
			c.ready = true
			return
		}
		c.proc = adoptProcess(r.Pid, r.StartTime)
		if c.proc == nil {
			killSession(r.Pid)
			c.end(unknownExit, time.Now())
			w.log.Warn("container ended while no agent ran", "container", c.spec.Name)
			return
		}
		w.log.Info("container taken over", "container", c.spec.Name, "pid", r.Pid)
		w.resume(c)
	}
}

// resume follows an adopted process with the verdicts that the API server was told last.
func (w *worker) resume(c *container) {
	c.started, c.ready = c.spec.StartupProbe == nil, c.spec.ReadinessProbe == nil
	for _, s := range append(append([]corev1.ContainerStatus{}, w.pod.Status.InitContainerStatuses...), w.pod.Status.ContainerStatuses...) {
		if s.Name == c.spec.Name {
			c.started = c.started || (s.Started != nil && *s.Started)
			c.ready = c.started && (c.ready || s.Ready)
		}
	}
	w.follow(c, w.commandLaunch(c), false)
	if c.mode == modeIstioProxy && !c.isInit() {
		w.tokenDue = time.Now() // its due time was the old agent's knowledge
	}
}

// isInit says that the container runs to its end before others start.
func (c *container) isInit() bool { return c.init && !c.sidecar }

// clearLeftovers ends and removes what earlier agents left of pods that are no more, and processes that an agent
// started but did not live to record.
func (a *Agent) clearLeftovers(present map[types.UID]bool) {
	recorded := map[int]bool{}
	networks := map[string]bool{}
	for dir, r := range a.records {
		if present[r.UID] {
			networks[r.Netns] = true
			for _, c := range r.Containers {
				if c.Pid != 0 && alive(c.Pid, c.StartTime) {
					recorded[c.Pid] = true
				}
			}
			continue
		}
		a.clearRecord(dir, r)
	}
	mark := markName + "=" + a.options.name + "/"
	eachPid(func(pid int) {
		env, err := os.ReadFile(filepath.Join("/proc", itoa(pid), "environ"))
		if err != nil || !strings.Contains("\x00"+string(env), "\x00"+mark) {
			return
		}
		if s, err := readStat(pid); err == nil && !recorded[s.session] {
			slog.Warn("process of no known pod is ended", "pid", pid)
			killSession(s.session)
		}
	})
	for _, n := range leftoverNetworks(a.options.name, networks) {
		slog.Info("network of no known pod is removed", "netns", n.name)
		n.remove()
	}
}

// clearRecord removes a pod whose object is gone.
func (a *Agent) clearRecord(dir string, r podRecord) {
	slog.Info("pod is gone, what is left of it is removed", "pod", r.Namespace+"/"+r.Pod)
	for _, c := range r.Containers {
		if c.Pid != 0 && alive(c.Pid, c.StartTime) {
			killSession(c.Pid)
		}
	}
	if address, err := netip.ParseAddr(r.IP); err == nil {
		if r.Netns != "" {
			newPodNetwork(a.options.name, a.addresses.number(address), address, a.options.dns.Addr()).remove()
		}
		a.addresses.release(address)
	}
	keepLogs(dir, a.options.goneDir(), string(r.UID))
	_ = os.RemoveAll(dir)
	delete(a.records, dir)
}

// claimStatus gives a pod without a record the address that its status names: others may already send to it.
func (a *Agent) claimStatus(pod *corev1.Pod) {
	if address, err := netip.ParseAddr(pod.Status.PodIP); err == nil && a.addresses.claim(address) {
		a.promised[pod.UID] = address
	}
}
