package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"time"

	"sigs.k8s.io/yaml"
)

// meshConfigMap and meshConfigKey are what Istio's chart mounts into istiod's container at /etc/istio/config. istiod
// prefers the file over the object, and follows its changes. Source: Istio 1.31, pilot/pkg/bootstrap/mesh.go.
const (
	meshConfigMap  = "istio"
	meshConfigKey  = "mesh"
	meshConfigFile = "etc/istio/config/mesh" // in istiod's folder
)

// meshConfigEvery is how soon a change of the ConfigMap reaches istiod; a kubelet takes up to a minute.
const meshConfigEvery = 2 * time.Second

// keepMeshConfig mounts the mesh's settings as a kubelet would, but for the provider of Istio's own metrics. The file
// is only written when it changes.
func (w *worker) keepMeshConfig(ctx context.Context) error {
	w.meshDue = time.Now().Add(meshConfigEvery)
	data, err := w.agent.reader.configMap(ctx, w.pod.Namespace, meshConfigMap)
	if err != nil {
		return err
	}
	text, err := withoutStatsFilter([]byte(data[meshConfigKey]))
	if err != nil {
		return err
	}
	path := filepath.Join(w.dir, istiodDir, meshConfigFile)
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return writeWhole(path, text)
}

// withoutStatsFilter gives the built-in metrics provider `prometheus` another kind, for which istiod builds no filter:
// the Envoy that runs here is not Istio's build and refuses listeners with `istio.stats`. Whatever Telemetry objects
// say later holds as well, and the cluster has no object of ours in it.
func withoutStatsFilter(mesh []byte) ([]byte, error) {
	settings := map[string]any{}
	if err := yaml.Unmarshal(mesh, &settings); err != nil {
		return nil, err
	}
	providers := []any{map[string]any{
		"name": "prometheus", "envoyFileAccessLog": map[string]any{"path": os.DevNull},
	}}
	own, _ := settings["extensionProviders"].([]any)
	for _, p := range own {
		if fields, ok := p.(map[string]any); ok && fields["name"] != "prometheus" {
			providers = append(providers, p)
		}
	}
	settings["extensionProviders"] = providers
	return yaml.Marshal(settings)
}
