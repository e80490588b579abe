package main

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/kubernetes"
)

// forwardTarget is an address in the cluster's namespace, or a Service whose LoadBalancer address is looked up: the
// named one, or else the oldest that has such an address and the port.
type forwardTarget struct {
	address   string // host:port; empty for a Service
	namespace string // empty with service: any
	service   string
	port      string
}

const anyLoadBalancer = "loadbalancer"

func (t forwardTarget) String() string {
	switch {
	case t.address != "":
		return t.address
	case t.service == "":
		return anyLoadBalancer + ":" + t.port
	}
	return "service/" + t.namespace + "/" + t.service + ":" + t.port
}

// parseForwardTarget reads HOST:PORT (also written netns:HOST:PORT), service/NAMESPACE/NAME:PORT or
// loadbalancer:PORT.
func parseForwardTarget(text string) (forwardTarget, error) {
	text = strings.TrimPrefix(text, "netns:")
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return forwardTarget{}, err
	}
	if host == anyLoadBalancer {
		return forwardTarget{port: port}, nil
	}
	rest, isService := strings.CutPrefix(host, "service/")
	if !isService {
		return forwardTarget{address: text}, nil
	}
	namespace, service, found := strings.Cut(rest, "/")
	if !found || namespace == "" || service == "" {
		return forwardTarget{}, fmt.Errorf("%q is not service/NAMESPACE/NAME:PORT", text)
	}
	return forwardTarget{namespace: namespace, service: service, port: port}, nil
}

// targetResolver looks LoadBalancer addresses up and keeps each for a second, so that many connections are one question.
type targetResolver struct {
	client kubernetes.Interface
	mu     sync.Mutex
	known  map[forwardTarget]resolved
}

type resolved struct {
	address string
	until   time.Time
}

// newTargetResolver is nil when no target needs one.
func newTargetResolver(kubeconfig string, pairs []forwarding) (*targetResolver, error) {
	needed := false
	for _, p := range pairs {
		needed = needed || p.target.address == ""
	}
	if !needed {
		return nil, nil
	}
	if kubeconfig == "" {
		return nil, fmt.Errorf("--kubeconfig is needed for a service/… or loadbalancer:… target")
	}
	config, err := clientConfig(kubeconfig)
	if err != nil {
		return nil, err
	}
	config.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, behindListener(pairs, address))
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	return &targetResolver{client: client, known: map[forwardTarget]resolved{}}, nil
}

// behindListener answers where an address leads to that is one of the forwarder's own listeners: a kubeconfig for use
// outside of the cluster's namespace names one of them, and from the inside it cannot be reached.
func behindListener(pairs []forwarding, address string) string {
	for _, p := range pairs {
		if p.listen == address && p.target.address != "" {
			return p.target.address
		}
	}
	return address
}

func (r *targetResolver) resolve(ctx context.Context, t forwardTarget) (string, error) {
	if t.address != "" {
		return t.address, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if k, found := r.known[t]; found && time.Now().Before(k.until) {
		return k.address, nil
	}
	ip, err := r.loadBalancer(ctx, t)
	if err != nil {
		return "", err
	}
	address := net.JoinHostPort(ip, t.port)
	r.known[t] = resolved{address, time.Now().Add(time.Second)}
	return address, nil
}

// loadBalancer finds the LoadBalancer address that a target stands for.
func (r *targetResolver) loadBalancer(ctx context.Context, t forwardTarget) (string, error) {
	var options metav1.ListOptions
	if t.service != "" {
		options.FieldSelector = fields.OneTermEqualSelector("metadata.name", t.service).String()
	}
	found, err := r.client.CoreV1().Services(t.namespace).List(ctx, options)
	if err != nil {
		return "", err
	}
	slices.SortStableFunc(found.Items, func(a, b corev1.Service) int {
		return a.CreationTimestamp.Compare(b.CreationTimestamp.Time)
	})
	for _, s := range found.Items {
		hasPort := slices.ContainsFunc(s.Spec.Ports, func(p corev1.ServicePort) bool { return itoa(int(p.Port)) == t.port })
		for _, ingress := range s.Status.LoadBalancer.Ingress {
			if hasPort && ingress.IP != "" {
				return ingress.IP, nil
			}
		}
	}
	return "", fmt.Errorf("%s has no LoadBalancer address yet", t)
}

func dialTarget(ctx context.Context, r *targetResolver, t forwardTarget) (net.Conn, error) {
	address, err := r.resolve(ctx, t)
	if err != nil {
		return nil, err
	}
	return new(net.Dialer).DialContext(ctx, "tcp", address)
}
