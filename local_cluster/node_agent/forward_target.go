package main

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// forwardTarget is an address in the cluster's namespace, or a Service whose LoadBalancer address is looked up.
type forwardTarget struct {
	address   string // host:port; empty for a Service
	namespace string
	service   string
	port      string
}

func (t forwardTarget) String() string {
	if t.service == "" {
		return t.address
	}
	return "service/" + t.namespace + "/" + t.service + ":" + t.port
}

// parseForwardTarget reads HOST:PORT (also written netns:HOST:PORT) or service/NAMESPACE/NAME:PORT.
func parseForwardTarget(text string) (forwardTarget, error) {
	text = strings.TrimPrefix(text, "netns:")
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return forwardTarget{}, err
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
		needed = needed || p.target.service != ""
	}
	if !needed {
		return nil, nil
	}
	if kubeconfig == "" {
		return nil, fmt.Errorf("--kubeconfig is needed for a service/… target")
	}
	client, err := newClient(kubeconfig)
	if err != nil {
		return nil, err
	}
	return &targetResolver{client: client, known: map[forwardTarget]resolved{}}, nil
}

func (r *targetResolver) resolve(ctx context.Context, t forwardTarget) (string, error) {
	if t.service == "" {
		return t.address, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if k, found := r.known[t]; found && time.Now().Before(k.until) {
		return k.address, nil
	}
	s, err := r.client.CoreV1().Services(t.namespace).Get(ctx, t.service, metav1.GetOptions{})
	if err != nil {
		return "", err
	}
	for _, ingress := range s.Status.LoadBalancer.Ingress {
		if ingress.IP != "" {
			address := net.JoinHostPort(ingress.IP, t.port)
			r.known[t] = resolved{address, time.Now().Add(time.Second)}
			return address, nil
		}
	}
	return "", fmt.Errorf("%s has no LoadBalancer address yet", t)
}

func dialTarget(ctx context.Context, r *targetResolver, t forwardTarget) (net.Conn, error) {
	address, err := r.resolve(ctx, t)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	return d.DialContext(ctx, "tcp", address)
}
