package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A container whose rule says `volumes: true` sees its volumes at their mount paths. What they hold is written when the
// container starts and not again: a changed ConfigMap reaches a new process. Modes are a kubelet's: files as the
// volume says, an emptyDir writable by everybody; the folder above is closed to other users of the machine.

// volumesDir holds a folder for each volume, in the pod's folder.
func (w *worker) volumesDir() string { return filepath.Join(w.dir, "volumes") }

func (w *worker) volumeDir(name string) string { return filepath.Join(w.volumesDir(), name) }

// mountsOf says where a container sees which volume.
func (w *worker) mountsOf(c *container) []mountPoint {
	var out []mountPoint
	if !c.rule.Volumes {
		return nil
	}
	// What starts it stays where it is, also under a volume: the run folder is often below /tmp.
	for _, own := range []string{w.agent.options.bin, w.dir} {
		out = append(out, mountPoint{path: own, source: own})
	}
	for _, m := range c.spec.VolumeMounts {
		v := volumeOf(w.pod, m.Name)
		out = append(out, mountPoint{
			path: m.MountPath, source: filepath.Join(w.volumeDir(m.Name), m.SubPath), readOnly: m.ReadOnly || v.EmptyDir == nil,
		})
	}
	return out
}

func volumeOf(pod *corev1.Pod, name string) corev1.Volume {
	for _, v := range pod.Spec.Volumes {
		if v.Name == name {
			return v
		}
	}
	return corev1.Volume{}
}

// writeVolumes writes what the container's volumes hold.
func (w *worker) writeVolumes(ctx context.Context, c *container) error {
	if !c.rule.Volumes {
		return nil
	}
	if err := os.MkdirAll(w.volumesDir(), 0o700); err != nil {
		return err
	}
	for _, m := range c.spec.VolumeMounts {
		if err := w.writeVolume(ctx, volumeOf(w.pod, m.Name)); err != nil {
			return fmt.Errorf("volume %s: %w", m.Name, err)
		}
		if m.SubPath == "" {
			continue
		}
		if err := w.makeSubPath(m); err != nil {
			return err
		}
	}
	return nil
}

// makeSubPath makes the folder below an emptyDir that a mount asks for, as a kubelet does.
func (w *worker) makeSubPath(m corev1.VolumeMount) error {
	path := filepath.Join(w.volumeDir(m.Name), m.SubPath)
	if _, err := os.Stat(path); err == nil || volumeOf(w.pod, m.Name).EmptyDir == nil {
		return nil
	}
	return makeOpenDir(path)
}

func (w *worker) writeVolume(ctx context.Context, v corev1.Volume) error {
	dir := w.volumeDir(v.Name)
	if v.EmptyDir != nil {
		return makeOpenDir(dir)
	}
	files, mode, err := w.volumeFiles(ctx, v)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := writeWhole(path, text); err != nil {
			return err
		}
		if err := os.Chmod(path, os.FileMode(mode)); err != nil {
			return err
		}
	}
	return nil
}

// makeOpenDir makes a folder that every user may write into.
func makeOpenDir(path string) error {
	if err := os.MkdirAll(path, 0o777); err != nil {
		return err
	}
	return os.Chmod(path, 0o777) // past the agent's umask
}

// volumeFiles gives what a volume holds, by path in it, and the mode of its files.
func (w *worker) volumeFiles(ctx context.Context, v corev1.Volume) (map[string][]byte, int32, error) {
	switch {
	case v.ConfigMap != nil:
		files, err := w.configMapFiles(ctx, v.ConfigMap.Name, v.ConfigMap.Items, v.ConfigMap.Optional)
		return files, modeOr(v.ConfigMap.DefaultMode), err
	case v.Secret != nil:
		files, err := w.secretFiles(ctx, v.Secret.SecretName, v.Secret.Items, v.Secret.Optional)
		return files, modeOr(v.Secret.DefaultMode), err
	case v.Projected != nil:
		files := map[string][]byte{}
		for _, source := range v.Projected.Sources {
			some, err := w.projectedFiles(ctx, source)
			if err != nil {
				return nil, 0, err
			}
			for name, text := range some {
				files[name] = text
			}
		}
		return files, modeOr(v.Projected.DefaultMode), nil
	}
	return nil, 0, fmt.Errorf("its kind is not known here; known are configMap, secret, emptyDir and projected")
}

func modeOr(mode *int32) int32 {
	if mode == nil {
		return corev1.ConfigMapVolumeSourceDefaultMode
	}
	return *mode
}

func (w *worker) configMapFiles(
	ctx context.Context, name string, items []corev1.KeyToPath, optional *bool,
) (map[string][]byte, error) {
	data, err := w.agent.reader.configMap(ctx, w.pod.Namespace, name)
	if err := unlessOptional(err, optional); err != nil {
		return nil, err
	}
	texts := map[string][]byte{}
	for key, text := range data {
		texts[key] = []byte(text)
	}
	return pickItems(texts, items, optional, "ConfigMap", name)
}

func (w *worker) secretFiles(
	ctx context.Context, name string, items []corev1.KeyToPath, optional *bool,
) (map[string][]byte, error) {
	data, err := w.agent.reader.secret(ctx, w.pod.Namespace, name)
	if err := unlessOptional(err, optional); err != nil {
		return nil, err
	}
	return pickItems(data, items, optional, "Secret", name)
}

// pickItems gives the chosen keys at their paths; all keys at their own names where none is chosen.
func pickItems(
	data map[string][]byte, items []corev1.KeyToPath, optional *bool, kind, name string,
) (map[string][]byte, error) {
	if len(items) == 0 {
		return data, nil
	}
	files := map[string][]byte{}
	for _, item := range items {
		text, found := data[item.Key]
		if err := missingKey(found, optional, kind, name, item.Key); err != nil {
			return nil, err
		}
		if found {
			files[item.Path] = text
		}
	}
	return files, nil
}

func (w *worker) projectedFiles(ctx context.Context, s corev1.VolumeProjection) (map[string][]byte, error) {
	switch {
	case s.ConfigMap != nil:
		return w.configMapFiles(ctx, s.ConfigMap.Name, s.ConfigMap.Items, s.ConfigMap.Optional)
	case s.Secret != nil:
		return w.secretFiles(ctx, s.Secret.Name, s.Secret.Items, s.Secret.Optional)
	case s.DownwardAPI != nil:
		files := map[string][]byte{}
		for _, item := range s.DownwardAPI.Items {
			if item.FieldRef == nil {
				return nil, fmt.Errorf("downwardAPI %s: only fieldRef is known here", item.Path)
			}
			text, err := fieldValue(w.pod, w.place(), item.FieldRef.FieldPath)
			if err != nil {
				return nil, err
			}
			files[item.Path] = []byte(text)
		}
		return files, nil
	case s.ServiceAccountToken != nil:
		token, err := w.accountToken(ctx, s.ServiceAccountToken)
		return map[string][]byte{s.ServiceAccountToken.Path: token}, err
	}
	return nil, fmt.Errorf("a projected source of an unknown kind")
}

// accountToken asks for the token that a projected volume wants. The usual one, of 3607 seconds, is made valid for a
// year by the API server, so nobody has to renew it. Source: Kubernetes 1.36, --service-account-extend-token-expiration.
func (w *worker) accountToken(ctx context.Context, p *corev1.ServiceAccountTokenProjection) ([]byte, error) {
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{
		ExpirationSeconds: p.ExpirationSeconds,
		BoundObjectRef: &authenticationv1.BoundObjectReference{
			APIVersion: "v1", Kind: "Pod", Name: w.pod.Name, UID: w.pod.UID,
		},
	}}
	if p.Audience != "" {
		request.Spec.Audiences = []string{p.Audience}
	}
	account := serviceAccountOf(w.pod)
	answer, err := w.agent.client.CoreV1().ServiceAccounts(w.pod.Namespace).
		CreateToken(ctx, account, request, metav1.CreateOptions{})
	if err != nil {
		return nil, fmt.Errorf("token of service account %s: %w", account, err)
	}
	return []byte(answer.Status.Token), nil
}
