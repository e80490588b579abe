package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// Agent is the node: one worker per pod that is run here.
type Agent struct {
	options   options
	client    kubernetes.Interface
	reader    objectReader
	images    *imageBook
	addresses *addressPool
	hostIP    string
	apiHost   string // the Service of the API server
	istiods   istiodList

	mu       sync.Mutex
	workers  map[string]*worker // by namespace/name
	records  map[string]podRecord
	promised map[types.UID]netip.Addr // addresses that pods without a record already have in their status
	running  sync.WaitGroup
}

// runCommand is `node-agent run`.
func runCommand(args []string) error {
	o, err := parseOptions(args)
	if err != nil {
		return err
	}
	if err := restartInside(o.name); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	client, err := newClient(o.kubeconfig)
	if err != nil {
		return err
	}
	a, err := newAgent(o, client)
	if err != nil {
		return err
	}
	if err := a.run(ctx); ctx.Err() == nil {
		return err
	}
	return nil // told to stop: whatever was under way is no failure
}

// firstServiceAddress is the API server's own Service in the usual range, should it not be there yet.
const firstServiceAddress = "10.96.0.1"

// newAgent reads what an agent before this one left in the run folder.
func newAgent(o options, client kubernetes.Interface) (*Agent, error) {
	images, err := openImageBook(o.images)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.podsDir(), 0o755); err != nil {
		return nil, err
	}
	return &Agent{
		options: o, client: client, reader: apiReader{client}, images: images, addresses: newAddressPool(o.podCIDR),
		hostIP: o.dns.Addr().String(), apiHost: firstServiceAddress, workers: map[string]*worker{}, records: readRecords(o.podsDir()),
		promised: map[types.UID]netip.Addr{},
	}, nil
}

// run serves until the context ends. The pods' processes stay: the next agent takes them over.
func (a *Agent) run(ctx context.Context) error {
	go func() {
		if err := a.images.watch(ctx); err != nil {
			slog.Error("images file is not watched", "err", err)
		}
	}()
	if node, err := a.client.CoreV1().Nodes().Get(ctx, a.options.node, metav1.GetOptions{}); err == nil {
		for _, address := range node.Status.Addresses {
			if address.Type == corev1.NodeInternalIP {
				a.hostIP = address.Address
			}
		}
	}
	if s, err := a.client.CoreV1().Services("default").Get(ctx, "kubernetes", metav1.GetOptions{}); err == nil {
		a.apiHost = s.Spec.ClusterIP
	}
	a.claimRecorded()
	go a.serveIstiodDebug(ctx)
	stopDNS, err := a.serveDNS(ctx)
	if err != nil {
		return err
	}
	defer stopDNS()
	if err := a.watchPods(ctx); err != nil {
		return err
	}
	slog.Info("node agent runs", "node", a.options.node, "pods", a.options.podCIDR, "dns", a.options.dns)
	<-ctx.Done()
	slog.Info("node agent stops, its pods stay")
	waited := make(chan struct{})
	go func() { a.running.Wait(); close(waited) }()
	select {
	case <-waited:
	case <-time.After(2 * time.Second):
	}
	return nil
}

// claimRecorded keeps the addresses of pods that an agent before this one ran.
func (a *Agent) claimRecorded() {
	for _, r := range a.records {
		if address, err := netip.ParseAddr(r.IP); err == nil {
			a.addresses.claim(address)
		}
	}
}

// onPod is called for every pod of the node, when it comes and when it changes.
func (a *Agent) onPod(ctx context.Context, pod *corev1.Pod) {
	if pod.Annotations[runByAnnotation] == runByKwok {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	key := pod.Namespace + "/" + pod.Name
	old := a.workers[key]
	if old != nil && old.uid == pod.UID {
		old.update(pod)
		return
	}
	if !a.runsHere(pod) {
		go a.handToKwok(ctx, pod)
		return
	}
	w := newWorker(a, pod)
	a.workers[key] = w
	a.running.Go(func() {
		if old != nil { // another pod of the same name: it has to be gone first
			old.forget()
			<-old.done
		}
		a.adopt(w)
		w.run(ctx)
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.workers[key] == w && isClosed(w.done) {
			delete(a.workers, key)
		}
	})
}

// onGone is called when a pod's object is gone.
func (a *Agent) onGone(pod *corev1.Pod) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if w := a.workers[pod.Namespace+"/"+pod.Name]; w != nil && w.uid == pod.UID {
		w.forget()
	}
}

// forget tells the worker that its pod's object is gone.
func (w *worker) forget() {
	w.inbox.mu.Lock()
	defer w.inbox.mu.Unlock()
	if !isClosed(w.gone) {
		close(w.gone)
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

var errNoSync = fmt.Errorf("the API server's objects could not be read")
