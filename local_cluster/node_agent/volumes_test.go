package main

import (
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// aWorker is one whose pod has these volumes, on objects that a map holds.
func aWorker(t *testing.T, volumes ...corev1.Volume) *worker {
	agent := &Agent{reader: objects{
		maps:    map[string]map[string]string{"settings": {"app.yaml": "port: 1", "other": "x"}},
		secrets: map[string]map[string][]byte{"key": {"password": []byte("geheim")}},
	}}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "cart"}, Spec: corev1.PodSpec{Volumes: volumes},
	}
	return &worker{agent: agent, pod: pod, dir: t.TempDir(), log: slog.Default()}
}

func aContainer(mounts ...corev1.VolumeMount) *container {
	return &container{rule: imageRule{Volumes: true}, spec: corev1.Container{Name: "app", VolumeMounts: mounts}}
}

func named(name string, source corev1.VolumeSource) corev1.Volume {
	return corev1.Volume{Name: name, VolumeSource: source}
}

func TestVolumesHoldWhatTheirObjectsHold(t *testing.T) {
	mode := int32(0o400)
	w := aWorker(t,
		named("settings", corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: "settings"},
			Items:                []corev1.KeyToPath{{Key: "app.yaml", Path: "conf/app.yaml"}},
		}}),
		named("key", corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "key", DefaultMode: &mode}}),
		named("data", corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}),
	)
	c := aContainer(
		corev1.VolumeMount{Name: "settings", MountPath: "/etc/app"},
		corev1.VolumeMount{Name: "key", MountPath: "/etc/key"},
		corev1.VolumeMount{Name: "data", MountPath: "/data", SubPath: "db"},
	)

	if err := w.writeVolumes(t.Context(), c); err != nil {
		t.Fatal(err)
	}

	for path, want := range map[string]string{
		"settings/conf/app.yaml": "-rw-r--r-- port: 1", "key/password": "-r-------- geheim",
	} {
		info, err := os.Stat(filepath.Join(w.volumesDir(), path))
		if err != nil {
			t.Fatal(err)
		}
		text, _ := os.ReadFile(filepath.Join(w.volumesDir(), path))
		if got := info.Mode().String() + " " + string(text); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if info, err := os.Stat(filepath.Join(w.volumesDir(), "data/db")); err != nil || info.Mode().Perm() != 0o777 {
		t.Errorf("the folder below the emptyDir: %v, %v", info, err)
	}
	if info, _ := os.Stat(w.volumesDir()); info.Mode().Perm() != 0o700 {
		t.Errorf("volumes are open to the machine: %v", info.Mode())
	}
	if _, err := os.Stat(filepath.Join(w.volumesDir(), "settings/other")); err == nil {
		t.Error("a key that was not chosen is there")
	}
}

func TestOnlyAnEmptyDirIsWritable(t *testing.T) {
	w := aWorker(t,
		named("data", corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}),
		named("key", corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "key"}}),
	)
	mounts := w.mountsOf(aContainer(
		corev1.VolumeMount{Name: "data", MountPath: "/data"}, corev1.VolumeMount{Name: "key", MountPath: "/etc/key"}))

	closed := map[string]bool{}
	for _, m := range mounts {
		closed[m.path] = m.readOnly
	}
	if closed["/data"] || !closed["/etc/key"] {
		t.Errorf("read-only: %v", closed)
	}
}

func TestARuleWithoutVolumesHasNone(t *testing.T) {
	c := aContainer(corev1.VolumeMount{Name: "data", MountPath: "/data"})
	c.rule.Volumes = false
	w := aWorker(t)

	if err := w.writeVolumes(t.Context(), c); err != nil || w.mountsOf(c) != nil {
		t.Errorf("%v, %v", err, w.mountsOf(c))
	}
}

func TestWhatAVolumeLacksIsNamed(t *testing.T) {
	for want, source := range map[string]corev1.VolumeSource{
		"kind is not known": {HostPath: &corev1.HostPathVolumeSource{Path: "/"}},
		"has no key user": {Secret: &corev1.SecretVolumeSource{
			SecretName: "key", Items: []corev1.KeyToPath{{Key: "user", Path: "user"}}}},
		`"missing" not found`: {ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: "missing"}}},
	} {
		w := aWorker(t, named("v", source))
		err := w.writeVolumes(t.Context(), aContainer(corev1.VolumeMount{Name: "v", MountPath: "/v"}))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "volume v: ") {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
}

func TestAProjectedVolumePutsItsSourcesTogether(t *testing.T) {
	w := aWorker(t)
	files, mode, err := w.volumeFiles(t.Context(), named("access", corev1.VolumeSource{
		Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
			{ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "settings"}}},
			{DownwardAPI: &corev1.DownwardAPIProjection{Items: []corev1.DownwardAPIVolumeFile{
				{Path: "namespace", FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.namespace"}}}}},
		}},
	}))

	names := slices.Sorted(maps.Keys(files))
	if err != nil || mode != 0o644 || !slices.Equal(names, []string{"app.yaml", "namespace", "other"}) {
		t.Errorf("%v, %o, %v", names, mode, err)
	}
	if string(files["namespace"]) != "shop" {
		t.Errorf("namespace is %q", files["namespace"])
	}
}
