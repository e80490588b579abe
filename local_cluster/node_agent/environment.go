package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// objectReader reads what env entries may refer to. The API server answers; tests have a map.
type objectReader interface {
	configMap(ctx context.Context, namespace, name string) (map[string]string, error)
	secret(ctx context.Context, namespace, name string) (map[string][]byte, error)
}

// environment is a container's env as resolved, by name.
type environment map[string]string

func (e environment) lookup(name string) (string, bool) { v, ok := e[name]; return v, ok }

// list gives NAME=value lines in a steady order.
func (e environment) list() []string {
	out := make([]string, 0, len(e))
	for _, name := range slices.Sorted(maps.Keys(e)) {
		out = append(out, name+"="+e[name])
	}
	return out
}

// resolveEnvironment resolves envFrom and env in the order the API promises: envFrom first, then env from
// top to bottom, where a value sees what stands above it. base is overridden by both.
func resolveEnvironment(
	ctx context.Context, reader objectReader, pod *corev1.Pod, c *corev1.Container, at podPlace, base environment,
) (environment, error) {
	env := maps.Clone(base)
	for _, from := range c.EnvFrom {
		if err := addAll(ctx, reader, pod.Namespace, from, env); err != nil {
			return nil, err
		}
	}
	for _, e := range c.Env {
		if e.ValueFrom == nil {
			env[e.Name] = expand(e.Value, env.lookup)
			continue
		}
		value, found, err := resolveSource(ctx, reader, pod, c, at, e.ValueFrom)
		if err != nil {
			return nil, fmt.Errorf("env %s: %w", e.Name, err)
		}
		if found {
			env[e.Name] = value
		}
	}
	return env, nil
}

func addAll(ctx context.Context, reader objectReader, namespace string, from corev1.EnvFromSource, env environment) error {
	if ref := from.ConfigMapRef; ref != nil {
		data, err := reader.configMap(ctx, namespace, ref.Name)
		if err := unlessOptional(err, ref.Optional); err != nil {
			return err
		}
		for k, v := range data {
			env[from.Prefix+k] = v
		}
	}
	if ref := from.SecretRef; ref != nil {
		data, err := reader.secret(ctx, namespace, ref.Name)
		if err := unlessOptional(err, ref.Optional); err != nil {
			return err
		}
		for k, v := range data {
			env[from.Prefix+k] = string(v)
		}
	}
	return nil
}

func resolveSource(
	ctx context.Context, reader objectReader, pod *corev1.Pod, c *corev1.Container, at podPlace, source *corev1.EnvVarSource,
) (value string, found bool, err error) {
	switch {
	case source.FieldRef != nil:
		value, err = fieldValue(pod, at, source.FieldRef.FieldPath)
		return value, err == nil, err
	case source.ResourceFieldRef != nil:
		value, err = resourceValue(c, source.ResourceFieldRef)
		return value, err == nil, err
	case source.ConfigMapKeyRef != nil:
		ref := source.ConfigMapKeyRef
		data, err := reader.configMap(ctx, pod.Namespace, ref.Name)
		if err := unlessOptional(err, ref.Optional); err != nil {
			return "", false, err
		}
		value, found = data[ref.Key]
		return value, found, missingKey(found, ref.Optional, "ConfigMap", ref.Name, ref.Key)
	case source.SecretKeyRef != nil:
		ref := source.SecretKeyRef
		data, err := reader.secret(ctx, pod.Namespace, ref.Name)
		if err := unlessOptional(err, ref.Optional); err != nil {
			return "", false, err
		}
		bytes, found := data[ref.Key]
		return string(bytes), found, missingKey(found, ref.Optional, "Secret", ref.Name, ref.Key)
	}
	return "", false, fmt.Errorf("no source that is known here")
}

func unlessOptional(err error, optional *bool) error {
	if apierrors.IsNotFound(err) && optional != nil && *optional {
		return nil
	}
	return err
}

func missingKey(found bool, optional *bool, kind, name, key string) error {
	if found || (optional != nil && *optional) {
		return nil
	}
	return fmt.Errorf("%s %s has no key %s", kind, name, key)
}
