package main

import (
	"context"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// worker runs one pod. Its goroutine is the only one that touches its fields; all others hand it functions by post.
type worker struct {
	agent *Agent
	uid   types.UID
	key   string // namespace/name
	dir   string
	log   *slog.Logger

	inbox inbox
	gone  chan struct{} // closed when the pod's object is gone
	done  chan struct{} // closed when nothing of the pod is left

	pod         *corev1.Pod
	address     netip.Addr
	network     *podNetwork // nil: the pod runs in the cluster's namespace
	prepared    bool        // network and folder are there
	initialized bool        // all init containers are through
	inits       []*container
	mains       []*container
	deleting    bool
	serving     bool // an istiod that is known to be ready
	finished    bool // a terminal phase was reached

	tokenDue  time.Time // when the proxy's token has to be renewed; zero: there is none
	meshDue   time.Time // when istiod's copy of the mesh's settings has to be looked at again
	published publication
	recorded  string // pod.json as last written
}

// inbox is a queue without bound, so that a sender never waits for the worker.
type inbox struct {
	mu    sync.Mutex
	queue []func()
	wake  chan struct{}
}

func (i *inbox) post(f func()) {
	i.mu.Lock()
	i.queue = append(i.queue, f)
	i.mu.Unlock()
	select {
	case i.wake <- struct{}{}:
	default:
	}
}

func (i *inbox) drain() []func() {
	i.mu.Lock()
	defer i.mu.Unlock()
	q := i.queue
	i.queue = nil
	return q
}

func newWorker(a *Agent, pod *corev1.Pod) *worker {
	key := pod.Namespace + "/" + pod.Name
	w := &worker{
		agent: a, uid: pod.UID, key: key, pod: pod,
		dir:   filepath.Join(a.options.podsDir(), pod.Namespace+"_"+pod.Name),
		log:   slog.With("pod", key),
		inbox: inbox{wake: make(chan struct{}, 1)},
		gone:  make(chan struct{}), done: make(chan struct{}),
	}
	w.inits, w.mains = newContainers(pod, a.images, a.options)
	return w
}

func (w *worker) post(f func()) { w.inbox.post(f) }

// update hands the worker a newer version of its pod.
func (w *worker) update(pod *corev1.Pod) {
	w.post(func() { w.pod = pod })
}

// run works until nothing of the pod is left, or the agent stops. A stopped agent leaves the pod's processes running.
func (w *worker) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		for _, f := range w.inbox.drain() {
			f()
		}
		if w.isGone() || w.pod.DeletionTimestamp != nil {
			w.delete(ctx)
			close(w.done)
			return
		}
		next := w.step(ctx, time.Now())
		if w.prepared {
			w.writeRecord()
		}
		w.tellIstiod()
		if !w.publish(ctx) {
			next = earliest(next, time.Now().Add(time.Second))
		}
		wait := time.Hour
		if !next.IsZero() {
			wait = max(0, time.Until(next))
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
			return
		case <-w.gone:
		case <-w.inbox.wake:
		case <-timer.C:
		}
	}
}

func (w *worker) isGone() bool {
	select {
	case <-w.gone:
		return true
	default:
		return false
	}
}

// prepare makes the pod's folder, address and network. It is tried again when it fails.
func (w *worker) prepare() error {
	if err := os.MkdirAll(w.dir, 0o755); err != nil {
		return err
	}
	if !w.address.IsValid() {
		address, err := w.agent.addresses.next()
		if err != nil {
			return err
		}
		w.address = address
	}
	if err := w.writePodFiles(); err != nil {
		return err
	}
	if w.inClusterNamespace() {
		return nil
	}
	network := newPodNetwork(w.agent.options.name, w.agent.addresses.number(w.address), w.address, w.agent.options.dns.Addr())
	w.network = &network
	return network.create()
}

// inClusterNamespace says that the pod has no network namespace of its own: istiod.
func (w *worker) inClusterNamespace() bool {
	for _, c := range w.mains {
		if c.mode == modeIstiod {
			return true
		}
	}
	return false
}

// tellIstiod lets the debug pages follow istiod's readiness.
func (w *worker) tellIstiod() {
	for _, c := range w.mains {
		if c.mode == modeIstiod && c.ready != w.serving {
			w.serving = c.ready
			w.agent.istiods.set(w.address, c.ready)
		}
	}
}

// earliest is the earlier of two times, where zero means never.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}
