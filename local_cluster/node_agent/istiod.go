package main

import (
	"os"
	"path/filepath"
	"strings"
)

// istiodHTTP is where istiod answers /ready and its debug pages: its default, port 8080 on all addresses, would take
// that port from everything else in the cluster's namespace. Debug pages answer a caller on loopback without
// credentials.
const istiodHTTP = "127.0.0.1:18080"

// istiodPort is the port that the pod's probes ask and istiodHTTP stands for.
const istiodPort = 8080

// istiodLaunch runs pilot-discovery by the pod's own args and env, in the cluster's namespace, where the API server is
// and where the pod's address is local like any other of the range.
func (w *worker) istiodLaunch(l launch, own []string) (launch, error) {
	l.dir = filepath.Join(w.dir, "istiod") // its default file paths are relative
	if err := os.MkdirAll(l.dir, 0o755); err != nil {
		return l, err
	}
	if err := os.Chown(l.dir, l.uid, l.uid); err != nil {
		return l, err
	}
	l.argv = []string{binPath(w.agent.options.bin, "pilot-discovery")}
	for _, a := range own {
		if !strings.HasPrefix(a, "--httpAddr=") && !strings.HasPrefix(a, "--kubeconfig=") {
			l.argv = append(l.argv, a)
		}
	}
	l.argv = append(l.argv, "--httpAddr="+istiodHTTP, "--kubeconfig="+w.agent.options.kubeconfig)
	for _, name := range []string{"GOMAXPROCS", "GOMEMLIMIT"} {
		delete(l.env, name)
	}
	// The Envoy that runs here is not Istio's build and does not know these two filters of it.
	l.env["PILOT_ENABLE_METADATA_EXCHANGE"] = "false"
	l.env["PILOT_ENABLE_ALPN_FILTER"] = "false"
	return l, nil
}
