package main

import (
	"context"
	"encoding/json"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// publication is the status that the API server was told last.
type publication struct {
	status corev1.PodStatus
	known  bool
}

// publish tells the API server the pod's status when it has changed; false when that has to be tried again.
//
// Like a kubelet it patches its own fields with the pod's uid as the only condition: conditions of others (the
// scheduler's, an evictor's) stay, and a change of labels or annotations in between is no conflict.
func (w *worker) publish(ctx context.Context) bool {
	if w.finished && !w.prepared {
		return true // an earlier agent finished the pod and its status stands
	}
	status := w.podStatus(time.Now())
	if w.published.known && equality.Semantic.DeepEqual(status, w.published.status) {
		return true
	}
	body, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": w.uid}, "status": status})
	if err != nil {
		w.log.Error("status cannot be written", "err", err)
		return true
	}
	_, err = w.agent.client.CoreV1().Pods(w.pod.Namespace).
		Patch(ctx, w.pod.Name, types.StrategicMergePatchType, body, metav1.PatchOptions{}, "status")
	switch {
	case isGoneError(err):
		return true // the informer will say so too
	case err != nil:
		if ctx.Err() == nil {
			w.log.Warn("status cannot be written, trying again", "err", err)
		}
		return false
	}
	w.published = publication{status, true}
	return true
}

// isGoneError says that the object is not there any more, or that another has its name.
func isGoneError(err error) bool { return apierrors.IsNotFound(err) || apierrors.IsConflict(err) }
