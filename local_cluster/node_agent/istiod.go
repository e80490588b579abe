package main

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// istiodDebug is where istiod's debug pages are found in the cluster's namespace. They answer callers on loopback
// without credentials.
const istiodDebug = "127.0.0.1:18080"

// istiodDir is istiod's working directory in its pod's folder.
const istiodDir = "istiod"

// istiodHTTPPort is where a pod of istiod serves /ready and the debug pages.
const istiodHTTPPort = 8080

// istiodFlags are the addresses that pilot-discovery would open on all of the namespace's addresses.
var istiodFlags = map[string]string{
	"--httpAddr": ":8080", "--grpcAddr": ":15010", "--secureGRPCAddr": ":15012", "--httpsAddr": ":15017",
	"--monitoringAddr": ":15014",
}

// istiodLaunch runs pilot-discovery by the pod's own args and env, in the cluster's namespace, where the API server is
// and where the pod's address is local like any other of the range. It listens on that address alone, so that the old
// and the new pod of a rollout run side by side.
func (w *worker) istiodLaunch(ctx context.Context, l launch, own []string) (launch, error) {
	l.dir = filepath.Join(w.dir, istiodDir) // its default file paths are relative
	if err := os.MkdirAll(l.dir, 0o755); err != nil {
		return l, err
	}
	if err := os.Chown(l.dir, l.uid, l.uid); err != nil {
		return l, err
	}
	if err := w.keepMeshConfig(ctx); err != nil {
		return l, err
	}
	l.argv = append([]string{binPath(w.agent.options.bin, "pilot-discovery")}, istiodArgs(own, w.address)...)
	l.argv = append(l.argv, "--kubeconfig="+w.agent.options.kubeconfig)
	for _, name := range []string{"GOMAXPROCS", "GOMEMLIMIT"} {
		delete(l.env, name)
	}
	// The Envoy that runs here is not Istio's build and does not know these two filters of it.
	l.env["PILOT_ENABLE_METADATA_EXCHANGE"] = "false"
	l.env["PILOT_ENABLE_ALPN_FILTER"] = "false"
	return l, nil
}

// istiodArgs moves every address that the args (or the defaults) open on all addresses to the pod's own.
func istiodArgs(own []string, address netip.Addr) []string {
	ports := maps.Clone(istiodFlags)
	var out []string
	for _, a := range own {
		flag, value, _ := strings.Cut(a, "=")
		switch {
		case flag == "--kubeconfig":
		case ports[flag] != "" && strings.HasPrefix(value, ":"):
			ports[flag] = value
		default:
			out = append(out, a)
		}
	}
	for _, flag := range slices.Sorted(maps.Keys(ports)) {
		out = append(out, flag+"="+address.String()+ports[flag])
	}
	return out
}

// istiodList knows the pods of istiod that are ready, the newest last.
type istiodList struct {
	mu    sync.Mutex
	ready []netip.Addr
}

func (l *istiodList) set(address netip.Addr, ready bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ready = slices.DeleteFunc(l.ready, func(a netip.Addr) bool { return a == address })
	if ready {
		l.ready = append(l.ready, address)
	}
}

var errNoIstiod = errors.New("no pod of istiod is ready")

// dial connects to the newest ready istiod as a caller on loopback.
func (l *istiodList) dial(ctx context.Context) (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.ready) == 0 {
		return nil, errNoIstiod
	}
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}}
	return d.DialContext(ctx, "tcp", netip.AddrPortFrom(l.ready[len(l.ready)-1], istiodHTTPPort).String())
}

// serveIstiodDebug leads istiodDebug to the newest istiod that is ready.
func (a *Agent) serveIstiodDebug(ctx context.Context) {
	listener, err := net.Listen("tcp", istiodDebug)
	if err != nil {
		slog.Warn("istiod's debug pages are not served", "at", istiodDebug, "err", err)
		return
	}
	serveForward(ctx, listener, a.istiods.dial)
}
