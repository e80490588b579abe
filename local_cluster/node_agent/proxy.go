package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// proxyUser is Istio's own user: traffic of its processes is not captured again.
const proxyUser = 1337

// rootCertMap is the ConfigMap that istiod writes into every namespace.
const rootCertMap = "istio-ca-root-cert"

const tokenFile = "var/run/secrets/tokens/istio-token"

// proxyDirs are the folders that an image of the proxy would have. pilot-agent reads them relative to where it runs.
var proxyDirs = []string{
	"etc/istio/proxy", "etc/istio/pod", "var/lib/istio/envoy", "var/lib/istio/data",
	"var/run/secrets/istio", "var/run/secrets/tokens",
	"var/run/secrets/workload-spiffe-uds", "var/run/secrets/credential-uds",
}

// proxyLaunch runs pilot-agent as the injected container says: `istio-iptables …` of istio-init with root's rights,
// `proxy …` of istio-proxy with a folder that holds what its volumes would.
func (w *worker) proxyLaunch(ctx context.Context, c *container, l launch, own []string) (launch, error) {
	l.argv = append([]string{binPath(w.agent.options.bin, "pilot-agent")}, own...)
	if len(own) == 0 || own[0] != "proxy" {
		return l, nil
	}
	l.dir = filepath.Join(w.dir, "proxy")
	if err := w.prepareProxy(ctx, l.dir); err != nil {
		return l, err
	}
	// Limits of a container that does not exist: they would make Envoy start as many threads as the machine has cores.
	for _, name := range []string{"GOMAXPROCS", "GOMEMLIMIT", "ISTIO_CPU_LIMIT"} {
		delete(l.env, name)
	}
	l.argv = append(l.argv, "--concurrency", "1")
	config := map[string]any{}
	if text := l.env["PROXY_CONFIG"]; strings.TrimSpace(text) != "" {
		if err := json.Unmarshal([]byte(text), &config); err != nil {
			return l, fmt.Errorf("PROXY_CONFIG: %w", err)
		}
	}
	config["binaryPath"] = binPath(w.agent.options.bin, "envoy")
	text, err := json.Marshal(config)
	l.env["PROXY_CONFIG"] = string(text)
	return l, err
}

// prepareProxy fills the proxy's folder and hands it to the proxy's user.
func (w *worker) prepareProxy(ctx context.Context, dir string) error {
	for _, d := range proxyDirs {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return err
		}
	}
	root, err := w.agent.reader.configMap(ctx, w.pod.Namespace, rootCertMap)
	if err != nil {
		return err
	}
	template, err := os.ReadFile(binPath(w.agent.options.bin, "envoy_bootstrap_tmpl.json"))
	if err != nil {
		return err
	}
	for name, text := range map[string]string{
		"var/run/secrets/istio/root-cert.pem":           root["root-cert.pem"],
		"var/lib/istio/envoy/envoy_bootstrap_tmpl.json": string(template),
		"etc/istio/pod/labels":                          downwardMap(w.pod.Labels),
		"etc/istio/pod/annotations":                     downwardMap(w.pod.Annotations),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	if err := w.renewToken(ctx); err != nil {
		return err
	}
	return filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, proxyUser, proxyUser)
	})
}

// renewToken writes a service account token for istiod, bound to the pod, and notes when the next one is due.
func (w *worker) renewToken(ctx context.Context) error {
	seconds := int64(12 * 3600)
	for _, v := range w.pod.Spec.Volumes {
		if v.Name == "istio-token" && v.Projected != nil && len(v.Projected.Sources) > 0 {
			if t := v.Projected.Sources[0].ServiceAccountToken; t != nil && t.ExpirationSeconds != nil {
				seconds = *t.ExpirationSeconds
			}
		}
	}
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{
		Audiences: []string{"istio-ca"}, ExpirationSeconds: &seconds,
		BoundObjectRef: &authenticationv1.BoundObjectReference{
			APIVersion: "v1", Kind: "Pod", Name: w.pod.Name, UID: w.pod.UID,
		},
	}}
	account := serviceAccountOf(w.pod)
	answer, err := w.agent.client.CoreV1().ServiceAccounts(w.pod.Namespace).
		CreateToken(ctx, account, request, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("token of service account %s: %w", account, err)
	}
	path := filepath.Join(w.dir, "proxy", tokenFile)
	if err := writeWhole(path, []byte(answer.Status.Token)); err != nil {
		return err
	}
	lifetime := time.Until(answer.Status.ExpirationTimestamp.Time)
	w.tokenDue = time.Now().Add(lifetime * 4 / 5) // a kubelet renews at 80 %
	return os.Chown(path, proxyUser, proxyUser)
}

func serviceAccountOf(pod *corev1.Pod) string {
	if pod.Spec.ServiceAccountName == "" {
		return "default"
	}
	return pod.Spec.ServiceAccountName
}

// downwardMap writes labels and annotations as a downward API volume does.
func downwardMap(m map[string]string) string {
	var out strings.Builder
	for _, k := range slices.Sorted(maps.Keys(m)) {
		fmt.Fprintf(&out, "%s=%q\n", k, m[k])
	}
	return out.String()
}

// writeWhole replaces a file in one step: readers see the old or the new text.
func writeWhole(path string, text []byte) error {
	if err := os.WriteFile(path+".new", text, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
