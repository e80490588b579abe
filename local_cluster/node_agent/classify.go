package main

import (
	"context"
	"encoding/json"
	"log/slog"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// runByAnnotation says who runs a pod; KWOK's stages look only at pods that have it.
const (
	runByAnnotation = "local-cluster/run-by"
	runByKwok       = "kwok"
)

// runsHere says whether a pod is run by this agent: when an image of it is registered, when an earlier agent ran it, or
// when it waits for an image that the webhook failed to fill in (KWOK would call it ready).
func (a *Agent) runsHere(pod *corev1.Pod) bool {
	if _, recorded := a.recordOf(pod); recorded {
		return true
	}
	for _, c := range append(append([]corev1.Container{}, pod.Spec.InitContainers...), pod.Spec.Containers...) {
		if _, found := a.images.match(c.Image); found || c.Image == placeholderImage {
			return true
		}
	}
	return false
}

// handToKwok sets the annotation that KWOK's stages wait for.
func (a *Agent) handToKwok(ctx context.Context, pod *corev1.Pod) {
	patch, _ := json.Marshal(map[string]any{"metadata": map[string]any{
		"uid": pod.UID, "annotations": map[string]string{runByAnnotation: runByKwok},
	}})
	_, err := a.client.CoreV1().Pods(pod.Namespace).
		Patch(ctx, pod.Name, types.MergePatchType, patch, metav1.PatchOptions{})
	switch {
	case err == nil:
		slog.Info("pod is left to KWOK, none of its images is registered", "pod", pod.Namespace+"/"+pod.Name)
	case !isGoneError(err):
		slog.Warn("pod cannot be handed to KWOK", "pod", pod.Namespace+"/"+pod.Name, "err", err)
	}
}
