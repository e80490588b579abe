package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// accountDir holds what a pod is given to speak to the API server with.
const accountDir = "/var/run/secrets/kubernetes.io/serviceaccount"

// podReader reads all pods of the cluster as its service account may.
type podReader struct {
	url    string
	token  string
	client *http.Client
}

func newPodReader(env lookup) (*podReader, error) {
	host, _ := env("KUBERNETES_SERVICE_HOST")
	port, _ := env("KUBERNETES_SERVICE_PORT")
	token, err := os.ReadFile(filepath.Join(accountDir, "token"))
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(filepath.Join(accountDir, "ca.crt"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return nil, fmt.Errorf("no certificate in %s", filepath.Join(accountDir, "ca.crt"))
	}
	return &podReader{
		url: "https://" + net.JoinHostPort(host, port) + "/api/v1/pods", token: strings.TrimSpace(string(token)),
		client: &http.Client{
			Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}},
		},
	}, nil
}

// answer gives the targets of all pods, or an error: Prometheus then keeps what it knows.
func (r *podReader) answer(w http.ResponseWriter, _ *http.Request) {
	targets, err := r.targets()
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(targets)
}

func (r *podReader) targets() ([]targetGroup, error) {
	request, err := http.NewRequest(http.MethodGet, r.url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+r.token)
	response, err := r.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 1000))
		return nil, fmt.Errorf("the API server answers %s: %s", response.Status, text)
	}
	var list podList
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil {
		return nil, err
	}
	groups := []targetGroup{}
	for _, pod := range list.Items {
		groups = append(groups, targetsOf(pod)...)
	}
	return groups, nil
}

// podList is as much of the API's list of pods as becomes a label.
type podList struct {
	Items []podObject `json:"items"`
}

type podObject struct {
	Metadata struct {
		Name        string            `json:"name"`
		Namespace   string            `json:"namespace"`
		UID         string            `json:"uid"`
		Labels      map[string]string `json:"labels"`
		Annotations map[string]string `json:"annotations"`
	} `json:"metadata"`
	Spec struct {
		NodeName       string         `json:"nodeName"`
		Containers     []podContainer `json:"containers"`
		InitContainers []podContainer `json:"initContainers"`
	} `json:"spec"`
	Status struct {
		Phase      string `json:"phase"`
		PodIP      string `json:"podIP"`
		HostIP     string `json:"hostIP"`
		Conditions []struct {
			Type   string `json:"type"`
			Status string `json:"status"`
		} `json:"conditions"`
	} `json:"status"`
}

type podContainer struct {
	Name  string `json:"name"`
	Image string `json:"image"`
	Ports []struct {
		Name     string `json:"name"`
		Number   int    `json:"containerPort"`
		Protocol string `json:"protocol"`
	} `json:"ports"`
}

// targetGroup is one entry of an answer to HTTP discovery.
type targetGroup struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels"`
}

// targetsOf gives one target for each port of each container, and one for a container without ports.
func targetsOf(pod podObject) []targetGroup {
	if pod.Status.PodIP == "" {
		return nil
	}
	var groups []targetGroup
	add := func(c podContainer, init bool) {
		labels := podLabels(pod)
		labels[meta+"pod_container_name"], labels[meta+"pod_container_image"] = c.Name, c.Image
		labels[meta+"pod_container_init"] = strconv.FormatBool(init)
		if len(c.Ports) == 0 {
			groups = append(groups, targetGroup{[]string{pod.Status.PodIP}, labels})
		}
		for _, p := range c.Ports {
			number := strconv.Itoa(p.Number)
			own := map[string]string{
				meta + "pod_container_port_name": p.Name, meta + "pod_container_port_number": number,
				meta + "pod_container_port_protocol": p.Protocol,
			}
			for name, value := range labels {
				own[name] = value
			}
			groups = append(groups, targetGroup{[]string{net.JoinHostPort(pod.Status.PodIP, number)}, own})
		}
	}
	for _, c := range pod.Spec.Containers {
		add(c, false)
	}
	for _, c := range pod.Spec.InitContainers {
		add(c, true)
	}
	return groups
}

const meta = "__meta_kubernetes_"

// podLabels are the labels that all targets of a pod have in common.
func podLabels(pod podObject) map[string]string {
	labels := map[string]string{
		meta + "namespace": pod.Metadata.Namespace, meta + "pod_name": pod.Metadata.Name,
		meta + "pod_uid": pod.Metadata.UID, meta + "pod_ip": pod.Status.PodIP, meta + "pod_host_ip": pod.Status.HostIP,
		meta + "pod_node_name": pod.Spec.NodeName, meta + "pod_phase": pod.Status.Phase, meta + "pod_ready": "unknown",
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == "Ready" {
			labels[meta+"pod_ready"] = strings.ToLower(c.Status)
		}
	}
	for kind, values := range map[string]map[string]string{
		"label": pod.Metadata.Labels, "annotation": pod.Metadata.Annotations,
	} {
		for name, value := range values {
			name = notInLabelNames.ReplaceAllString(name, "_")
			labels[meta+"pod_"+kind+"_"+name] = value
			labels[meta+"pod_"+kind+"present_"+name] = "true"
		}
	}
	return labels
}

var notInLabelNames = regexp.MustCompile(`[^a-zA-Z0-9_]`)
