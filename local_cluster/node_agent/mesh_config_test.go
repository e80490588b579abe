package main

import (
	"testing"

	"sigs.k8s.io/yaml"
)

func TestOnlyTheMetricsProviderOfTheMeshConfigIsReplaced(t *testing.T) {
	mesh := "rootNamespace: istio-system\nextensionProviders:\n- name: zipkin\n  zipkin: {port: 9411}\n" +
		"- name: prometheus\n  prometheus: {}\n"
	text, err := withoutStatsFilter([]byte(mesh))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		RootNamespace      string           `json:"rootNamespace"`
		ExtensionProviders []map[string]any `json:"extensionProviders"`
	}
	if err := yaml.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}

	if got.RootNamespace != "istio-system" || len(got.ExtensionProviders) != 2 {
		t.Fatalf("got %+v", got)
	}
	prometheus, zipkin := got.ExtensionProviders[0], got.ExtensionProviders[1]
	if prometheus["name"] != "prometheus" || prometheus["prometheus"] != nil || prometheus["envoyFileAccessLog"] == nil {
		t.Errorf("prometheus is %v", prometheus)
	}
	if zipkin["name"] != "zipkin" || zipkin["zipkin"] == nil {
		t.Errorf("zipkin is %v", zipkin)
	}
}

func TestAMeshConfigThatIsMissingYieldsTheReplacedProvider(t *testing.T) {
	text, err := withoutStatsFilter(nil)
	if err != nil || len(text) == 0 {
		t.Fatalf("got %q, %v", text, err)
	}
}
