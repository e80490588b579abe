package main

import (
	"context"
	"maps"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestReferencesAreExpandedAsTheAPIDescribes(t *testing.T) {
	env := environment{"NAME": "reviews", "EMPTY": ""}
	for given, want := range map[string]string{
		"$(NAME)":            "reviews",
		"a-$(NAME)-b$(NAME)": "a-reviews-breviews",
		"$(EMPTY)":           "",
		"$(UNKNOWN)":         "$(UNKNOWN)",
		"$$(NAME)":           "$(NAME)",
		"$$$(NAME)":          "$reviews",
		"$NAME":              "$NAME",
		"$(NAME":             "$(NAME",
		"cost: 5$":           "cost: 5$",
	} {
		if got := expand(given, env.lookup); got != want {
			t.Errorf("%q became %q, want %q", given, got, want)
		}
	}
}

type objects struct {
	maps    map[string]map[string]string
	secrets map[string]map[string][]byte
}

func (o objects) configMap(_ context.Context, _, name string) (map[string]string, error) {
	if m, found := o.maps[name]; found {
		return m, nil
	}
	return nil, apierrors.NewNotFound(schema.GroupResource{Resource: "configmaps"}, name)
}

func (o objects) secret(_ context.Context, _, name string) (map[string][]byte, error) {
	if s, found := o.secrets[name]; found {
		return s, nil
	}
	return nil, apierrors.NewNotFound(schema.GroupResource{Resource: "secrets"}, name)
}

func aPod() *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: "reviews-v1-abc", Namespace: "bookinfo", UID: "u1", Labels: map[string]string{"version": "v1"},
			Annotations: map[string]string{"a/b": "c"},
		},
		Spec: corev1.PodSpec{NodeName: "local", ServiceAccountName: "reviews"},
	}
}

func field(path string) *corev1.EnvVarSource {
	return &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: path}}
}

func TestEverySourceOfAnEnvEntryIsResolved(t *testing.T) {
	reader := objects{
		maps:    map[string]map[string]string{"settings": {"LEVEL": "info", "PORT": "1"}},
		secrets: map[string]map[string][]byte{"keys": {"token": []byte("t0p")}},
	}
	yes := true
	c := &corev1.Container{
		EnvFrom: []corev1.EnvFromSource{
			{Prefix: "S_", ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "settings"}}},
			{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "absent"}, Optional: &yes}},
		},
		Env: []corev1.EnvVar{
			{Name: "POD", ValueFrom: field("metadata.name")},
			{Name: "NODE", ValueFrom: field("spec.nodeName")},
			{Name: "ACCOUNT", ValueFrom: field("spec.serviceAccountName")},
			{Name: "IP", ValueFrom: field("status.podIP")},
			{Name: "HOST", ValueFrom: field("status.hostIP")},
			{Name: "VERSION", ValueFrom: field("metadata.labels['version']")},
			{Name: "NOTE", ValueFrom: field("metadata.annotations['a/b']")},
			{Name: "WHO", Value: "$(POD)@$(IP)"},
			{Name: "S_PORT", Value: "2"},
			{Name: "TOKEN", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
				LocalObjectReference: corev1.LocalObjectReference{Name: "keys"}, Key: "token"}}},
			{Name: "CPU", ValueFrom: &corev1.EnvVarSource{ResourceFieldRef: &corev1.ResourceFieldSelector{
				Resource: "limits.cpu", Divisor: resource.MustParse("1m")}}},
		},
		Resources: corev1.ResourceRequirements{Limits: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1500m")}},
	}
	got, err := resolveEnvironment(t.Context(), reader, aPod(), c, podPlace{"10.99.2.7", "10.99.0.1"}, environment{"PATH": "/bin"})
	if err != nil {
		t.Fatal(err)
	}
	want := environment{
		"PATH": "/bin", "S_LEVEL": "info", "S_PORT": "2", "POD": "reviews-v1-abc", "NODE": "local", "ACCOUNT": "reviews",
		"IP": "10.99.2.7", "HOST": "10.99.0.1", "VERSION": "v1", "NOTE": "c", "WHO": "reviews-v1-abc@10.99.2.7",
		"TOKEN": "t0p", "CPU": "1500",
	}
	if !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestAMissingSourceIsNamed(t *testing.T) {
	c := &corev1.Container{Env: []corev1.EnvVar{{Name: "TOKEN", ValueFrom: &corev1.EnvVarSource{
		ConfigMapKeyRef: &corev1.ConfigMapKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "m"}, Key: "k"}}}}}
	_, err := resolveEnvironment(t.Context(), objects{}, aPod(), c, podPlace{}, nil)
	if err == nil || !strings.Contains(err.Error(), "env TOKEN") || !strings.Contains(err.Error(), `"m"`) {
		t.Errorf("a missing ConfigMap was reported as %v", err)
	}
	_, err = resolveEnvironment(t.Context(), objects{maps: map[string]map[string]string{"m": {}}}, aPod(), c, podPlace{}, nil)
	if err == nil || err.Error() != "env TOKEN: ConfigMap m has no key k" {
		t.Errorf("a missing key was reported as %v", err)
	}
}
