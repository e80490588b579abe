package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func TestDiscoveryOfPodsBecomesDiscoveryByHTTPAndNothingElseChanges(t *testing.T) {
	changed, err := rewriteDiscovery([]byte(`{"global": {"scrape_interval": "5s"}, "scrape_configs": [
		{"job_name": "pods", "kubernetes_sd_configs": [{"role": "pod"}], "relabel_configs": [{"action": "keep"}]},
		{"job_name": "self", "static_configs": [{"targets": ["localhost:9090"]}]}]}`), "http://127.0.0.1:1/")
	if err != nil {
		t.Fatal(err)
	}
	var got, want any
	_ = json.Unmarshal(changed, &got)
	_ = json.Unmarshal([]byte(`{"global": {"scrape_interval": "5s"}, "scrape_configs": [
		{"job_name": "pods", "http_sd_configs": [{"url": "http://127.0.0.1:1/", "refresh_interval": "1s"}],
		 "relabel_configs": [{"action": "keep"}]},
		{"job_name": "self", "static_configs": [{"targets": ["localhost:9090"]}]}]}`), &want)
	if one, other := asJSON(t, got), asJSON(t, want); one != other {
		t.Errorf("got %s, want %s", one, other)
	}
}

func TestSettingsThatCannotBeRewrittenAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"global: {}": "written as JSON",
		`{"scrape_configs": [{"kubernetes_sd_configs": [{"role": "node"}]}]}`:                             "only {role: pod}",
		`{"scrape_configs": [{"kubernetes_sd_configs": [{"role": "pod", "namespaces": {"names": []}}]}]}`: "only {role: pod}",
	} {
		if _, err := rewriteDiscovery([]byte(text), ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

const onePod = `{"items": [{
	"metadata": {"name": "cart-1", "namespace": "shop", "uid": "u", "labels": {"app": "cart", "a.b/c-d": "x"},
		"annotations": {"prometheus.io/port": "15020"}},
	"spec": {"nodeName": "local",
		"containers": [{"name": "cart", "image": "cart:1", "ports": [{"name": "http", "containerPort": 80, "protocol": "TCP"}]}],
		"initContainers": [{"name": "istio-proxy", "ports": [{"name": "http-envoy-prom", "containerPort": 15090}]}, {"name": "wait"}]},
	"status": {"phase": "Running", "podIP": "10.99.2.1", "hostIP": "10.99.0.1", "conditions": [{"type": "Ready", "status": "True"}]}
}, {"metadata": {"name": "pending"}, "spec": {"containers": [{"name": "c"}]}, "status": {"phase": "Pending"}}]}`

func TestAPodHasATargetForEachPortWithTheLabelsOfKubernetesDiscovery(t *testing.T) {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer token" {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		_, _ = w.Write([]byte(onePod))
	}))
	defer api.Close()
	reader := &podReader{url: api.URL, token: "token", client: api.Client()}

	groups, err := reader.targets()
	if err != nil {
		t.Fatal(err)
	}

	var addresses []string
	for _, g := range groups {
		addresses = append(addresses, g.Targets...)
	}
	if want := []string{"10.99.2.1:80", "10.99.2.1:15090", "10.99.2.1"}; !slices.Equal(addresses, want) {
		t.Errorf("targets %v, want %v", addresses, want)
	}
	for name, want := range map[string]string{
		"namespace": "shop", "pod_name": "cart-1", "pod_ip": "10.99.2.1", "pod_phase": "Running", "pod_ready": "true",
		"pod_label_app": "cart", "pod_label_a_b_c_d": "x", "pod_labelpresent_app": "true",
		"pod_annotation_prometheus_io_port": "15020", "pod_container_name": "istio-proxy",
		"pod_container_port_name": "http-envoy-prom", "pod_container_port_number": "15090", "pod_container_init": "true",
	} {
		if got := groups[1].Labels[meta+name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestARefusalOfTheAPIServerIsToldToPrometheus(t *testing.T) {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "pods is forbidden", http.StatusForbidden)
	}))
	defer api.Close()
	reader := &podReader{url: api.URL, client: api.Client()}
	recorder := httptest.NewRecorder()

	reader.answer(recorder, nil)

	if recorder.Code != http.StatusBadGateway || !strings.Contains(recorder.Body.String(), "pods is forbidden") {
		t.Errorf("%d %s", recorder.Code, recorder.Body)
	}
}

func asJSON(t *testing.T, value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
