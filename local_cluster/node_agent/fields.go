package main

import (
	"fmt"
	"math"
	"runtime"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// podPlace is what the node decides about a pod: fieldRefs may ask for it before it stands in the status.
type podPlace struct {
	podIP  string
	hostIP string
}

// fieldValue answers a fieldRef of the downward API.
func fieldValue(pod *corev1.Pod, at podPlace, path string) (string, error) {
	switch path {
	case "metadata.name":
		return pod.Name, nil
	case "metadata.namespace":
		return pod.Namespace, nil
	case "metadata.uid":
		return string(pod.UID), nil
	case "spec.nodeName":
		return pod.Spec.NodeName, nil
	case "spec.serviceAccountName":
		return pod.Spec.ServiceAccountName, nil
	case "status.podIP", "status.podIPs":
		return at.podIP, nil
	case "status.hostIP", "status.hostIPs":
		return at.hostIP, nil
	}
	if key, ok := subscript(path, "metadata.labels"); ok {
		return pod.Labels[key], nil
	}
	if key, ok := subscript(path, "metadata.annotations"); ok {
		return pod.Annotations[key], nil
	}
	return "", fmt.Errorf("fieldRef %q is not known", path)
}

// subscript reads the key of metadata.labels['key'].
func subscript(path, field string) (string, bool) {
	rest, ok := strings.CutPrefix(path, field+"['")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(rest, "']")
}

// resourceValue answers a resourceFieldRef, in units of its divisor, rounded up. A limit that is not set is
// the machine's own, as a kubelet answers it.
func resourceValue(c *corev1.Container, ref *corev1.ResourceFieldSelector) (string, error) {
	kind, name, ok := strings.Cut(ref.Resource, ".")
	if !ok {
		return "", fmt.Errorf("resourceFieldRef %q is not known", ref.Resource)
	}
	var quantity resource.Quantity
	var found bool
	switch kind {
	case "limits":
		if quantity, found = c.Resources.Limits[corev1.ResourceName(name)]; !found {
			quantity = machineResource(name)
		}
	case "requests":
		quantity = c.Resources.Requests[corev1.ResourceName(name)]
	default:
		return "", fmt.Errorf("resourceFieldRef %q is not known", ref.Resource)
	}
	divisor := ref.Divisor
	if divisor.IsZero() {
		divisor = resource.MustParse("1")
	}
	units := math.Ceil(quantity.AsApproximateFloat64() / divisor.AsApproximateFloat64())
	return strconv.FormatInt(int64(units), 10), nil
}

func machineResource(name string) resource.Quantity {
	if name == string(corev1.ResourceCPU) {
		return *resource.NewQuantity(int64(runtime.NumCPU()), resource.DecimalSI)
	}
	return *resource.NewQuantity(1<<30, resource.BinarySI) // one GiB: enough for a GOMEMLIMIT to be harmless
}
