//go:build integration

// These tests make real network namespaces and processes: they need root, and the tag `integration`. The API server is
// client-go's fake one.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/fake"
)

// TestMain is three programs: what starts the tests in a network namespace of their own, the tests, and the server that
// the tests' pods run.
func TestMain(m *testing.M) {
	if address := os.Getenv("SERVE"); address != "" {
		host, _ := os.Hostname()
		fmt.Println(http.ListenAndServe(address, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, host)
		})))
		os.Exit(1)
	}
	name := os.Getenv("TEST_NETNS")
	if name == "" {
		name = fmt.Sprintf("mc-test%d", os.Getpid())
		os.Setenv("TEST_NETNS", name)
		for _, command := range []string{
			"ip netns add %s", "ip -n %s link set lo up", "ip -n %s addr add 10.99.0.1/32 dev lo",
			"ip -n %s route add local 10.99.0.0/16 dev lo table main",
		} {
			command = fmt.Sprintf(command, name)
			if text, err := exec.Command("sh", "-c", command).CombinedOutput(); err != nil {
				fmt.Println(command, string(text), err)
				os.Exit(1)
			}
		}
	}
	if err := restartInside(name); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	code := m.Run()
	for _, n := range leftoverNetworks(name, nil) {
		n.remove()
	}
	_ = exec.Command("ip", "netns", "delete", name).Run()
	os.Exit(code)
}

// node is an agent on a fake API server.
type node struct {
	*Agent
	t    *testing.T
	stop func()
}

func startNode(t *testing.T, client *fake.Clientset, runDir string) *node {
	t.Helper()
	images := filepath.Join(runDir, "images.yaml")
	rule := fmt.Sprintf("- {image: test/server, command: [%s], user: 0}\n", os.Args[0])
	if err := os.WriteFile(images, []byte(rule), 0o644); err != nil {
		t.Fatal(err)
	}
	o := options{
		node: "local", runDir: runDir, name: os.Getenv("TEST_NETNS"), images: images, bin: runDir,
		dns: netip.MustParseAddrPort("10.99.0.1:53"), podCIDR: netip.MustParsePrefix("10.99.2.0/24"),
		backoffBase: 100 * time.Millisecond, backoffMax: time.Second,
	}
	a, err := newAgent(o, client)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.run(ctx) }()
	n := &node{Agent: a, t: t}
	n.stop = func() {
		cancel()
		<-ended
	}
	return n
}

func (n *node) pod(name string) *corev1.Pod {
	pod, err := n.client.CoreV1().Pods("shop").Get(n.t.Context(), name, metav1.GetOptions{})
	if err != nil {
		return nil
	}
	return pod
}

func (n *node) awaitReady(name string, restarts int32) *corev1.Pod {
	n.t.Helper()
	var pod *corev1.Pod
	eventually(n.t, fmt.Sprintf("%s is ready after %d restarts", name, restarts), func() bool {
		pod = n.pod(name)
		c := findCondition(pod.Status.Conditions, corev1.PodReady)
		return c != nil && c.Status == corev1.ConditionTrue && pod.Status.ContainerStatuses[0].RestartCount == restarts
	})
	return pod
}

func (n *node) record(name string) podRecord {
	r, err := readRecord(filepath.Join(n.options.podsDir(), "shop_"+name, recordName))
	if err != nil {
		n.t.Fatal(err)
	}
	return r
}

func aServer(name string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, UID: "uid-of-the-pod"},
		Spec: corev1.PodSpec{
			NodeName: "local", RestartPolicy: corev1.RestartPolicyAlways,
			Containers: []corev1.Container{{
				Name: "app", Image: "test/server:1", Env: []corev1.EnvVar{{Name: "SERVE", Value: ":80"}},
				ReadinessProbe: &corev1.Probe{ProbeHandler: corev1.ProbeHandler{
					HTTPGet: &corev1.HTTPGetAction{Path: "/", Port: intstr.FromInt32(80)}}, PeriodSeconds: 10},
			}},
		},
	}
}

func TestAPodLivesThroughACrashAndAnAgentAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	client := fake.NewClientset(aServer("cart"))
	n := startNode(t, client, dir)
	pod := n.awaitReady("cart", 0)

	answer, err := http.Get("http://" + pod.Status.PodIP + "/")
	if err != nil {
		t.Fatal(err)
	}
	body := make([]byte, 4)
	_, _ = answer.Body.Read(body)
	answer.Body.Close()
	if string(body) != "cart" {
		t.Errorf("the pod's host name is %q", body)
	}

	first := n.record("cart").Containers[0]
	_ = syscall.Kill(first.Pid, syscall.SIGKILL)
	pod = n.awaitReady("cart", 1)
	if last := pod.Status.ContainerStatuses[0].LastTerminationState.Terminated; last == nil || last.ExitCode != 137 {
		t.Errorf("the crash is shown as %+v", last)
	}

	second := n.record("cart").Containers[0]
	n.stop()
	n = startNode(t, client, dir)
	defer func() { n.stop() }()
	eventually(t, "the second agent knows the pod", func() bool {
		n.mu.Lock()
		defer n.mu.Unlock()
		return n.workers["shop/cart"] != nil
	})
	if third := n.record("cart").Containers[0]; third.Pid != second.Pid || !alive(third.Pid, third.StartTime) {
		t.Errorf("the second agent runs %+v instead of %+v", third, second)
	}

	record := n.record("cart")
	now, grace := metav1.Now(), int64(5)
	eventually(t, "the pod's object is deleted", func() bool {
		pod := n.pod("cart")
		if pod == nil {
			return true
		}
		// Said again until it is heard: the fake API server forgets what happens between an informer's list and watch.
		pod.DeletionTimestamp, pod.DeletionGracePeriodSeconds = &now, &grace
		_ = client.Tracker().Update(corev1.SchemeGroupVersion.WithResource("pods"), pod, "shop")
		return false
	})
	eventually(t, "its folder is gone", func() bool {
		_, err := os.Stat(filepath.Join(n.options.podsDir(), "shop_cart"))
		return os.IsNotExist(err)
	})
	if alive(second.Pid, second.StartTime) {
		t.Error("its process still runs")
	}
	if _, err := os.Stat(filepath.Join(netnsDir, record.Netns)); !os.IsNotExist(err) {
		t.Error("its namespace is still there")
	}
	if _, err := net.InterfaceByName(record.Link); err == nil {
		t.Error("its veth is still there")
	}
	if logs, _ := filepath.Glob(filepath.Join(n.options.goneDir(), "shop_cart_*", "app.log")); len(logs) != 1 {
		t.Errorf("its logs are %v", logs)
	}
}

func TestAPodWithoutARegisteredImageIsLeftToKwok(t *testing.T) {
	pod := aServer("other")
	pod.Spec.Containers[0].Image = "unknown/image:1"
	n := startNode(t, fake.NewClientset(pod), t.TempDir())
	defer func() { n.stop() }()
	eventually(t, "the annotation is set", func() bool { return n.pod("other").Annotations[runByAnnotation] == runByKwok })
}

func TestAPodWhoseObjectVanishedBetweenTwoAgentsIsRemoved(t *testing.T) {
	dir := t.TempDir()
	client := fake.NewClientset(aServer("cart"))
	n := startNode(t, client, dir)
	n.awaitReady("cart", 0)
	record := n.record("cart")
	n.stop()
	n = startNode(t, fake.NewClientset(), dir)
	defer func() { n.stop() }()
	eventually(t, "process, namespace and folder are gone", func() bool {
		entries, _ := os.ReadDir(n.options.podsDir())
		namespaces, _ := filepath.Glob(filepath.Join(netnsDir, n.options.name+"-*"))
		c := record.Containers[0]
		return len(entries) == 0 && len(namespaces) == 0 && !alive(c.Pid, c.StartTime)
	})
}

func TestARestartedAgentTakesAnUnrecordedProcessAway(t *testing.T) {
	dir := t.TempDir()
	n := startNode(t, fake.NewClientset(), dir)
	lost, err := startProcess(launch{argv: []string{"sleep", "60"}, env: environment{
		"PATH": machinePath, markName: n.options.name + "/uid/app"}})
	if err != nil {
		t.Fatal(err)
	}
	n.stop()
	n = startNode(t, fake.NewClientset(), dir)
	defer func() { n.stop() }()
	select {
	case <-lost.done:
	case <-time.After(5 * time.Second):
		t.Error("it still runs")
	}
}
