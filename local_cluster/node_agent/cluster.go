package main

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

func itoa(n int) string { return strconv.Itoa(n) }

// clientConfig speaks protobuf: the agent shares the machine with what it runs.
func clientConfig(kubeconfig string) (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.ContentType = "application/vnd.kubernetes.protobuf"
	config.AcceptContentTypes = config.ContentType + ",application/json"
	config.QPS, config.Burst = 200, 400
	return rest.AddUserAgent(config, "node-agent"), nil
}

func newClient(kubeconfig string) (*kubernetes.Clientset, error) {
	config, err := clientConfig(kubeconfig)
	if err != nil {
		return nil, err
	}
	return kubernetes.NewForConfig(config)
}

// apiReader answers what env entries refer to from the API server.
type apiReader struct{ client kubernetes.Interface }

func (r apiReader) configMap(ctx context.Context, namespace, name string) (map[string]string, error) {
	m, err := r.client.CoreV1().ConfigMaps(namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	return m.Data, nil
}

func (r apiReader) secret(ctx context.Context, namespace, name string) (map[string][]byte, error) {
	s, err := r.client.CoreV1().Secrets(namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	return s.Data, nil
}

// watchPods starts the workers when the node's pods are known.
func (a *Agent) watchPods(ctx context.Context) error {
	ofNode := informers.WithTweakListOptions(func(o *metav1.ListOptions) {
		o.FieldSelector = fields.OneTermEqualSelector("spec.nodeName", a.options.node).String()
	})
	factory := informers.NewSharedInformerFactoryWithOptions(a.client, 0, ofNode, informers.WithTransform(withoutManagedFields))
	pods := factory.Core().V1().Pods()
	informer := pods.Informer()
	factory.Start(ctx.Done())
	if !waitFor(ctx, "pods", informer.HasSynced) {
		return errNoSync
	}
	present := map[types.UID]bool{}
	for _, object := range informer.GetStore().List() {
		if pod := object.(*corev1.Pod); pod.Annotations[runByAnnotation] != runByKwok {
			present[pod.UID] = true
			if _, found := a.recordOf(pod); !found {
				a.claimStatus(pod)
			}
		}
	}
	a.clearLeftovers(present)
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(o any) { a.onPod(ctx, o.(*corev1.Pod)) },
		UpdateFunc: func(_, o any) { a.onPod(ctx, o.(*corev1.Pod)) },
		DeleteFunc: func(o any) {
			if last, ok := o.(cache.DeletedFinalStateUnknown); ok {
				o = last.Obj
			}
			if pod, ok := o.(*corev1.Pod); ok {
				a.onGone(pod)
			}
		},
	})
	return err
}

func waitFor(ctx context.Context, what string, synced ...cache.InformerSynced) bool {
	started := time.Now()
	if !cache.WaitForCacheSync(ctx.Done(), synced...) {
		return false
	}
	slog.Info("objects read", "what", what, "after", time.Since(started).Round(time.Millisecond))
	return true
}

// withoutManagedFields keeps the copy of the cluster small.
func withoutManagedFields(o any) (any, error) {
	if m, ok := o.(metav1.Object); ok {
		m.SetManagedFields(nil)
	}
	return o, nil
}
