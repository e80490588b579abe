package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// machinePath is where commands of a pod are looked up after the cluster's own bin folder.
const machinePath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// markName is the environment variable by which an agent finds processes that it did not live to record.
const markName = "LOCAL_CLUSTER_CONTAINER"

// containerLaunch builds what is started for a container, by the mode of its image.
func (w *worker) containerLaunch(ctx context.Context, c *container) (launch, error) {
	base := w.baseLaunch(c)
	env, err := resolveEnvironment(ctx, w.agent.reader, w.pod, &c.spec, w.place(), base.env)
	if err != nil {
		return launch{}, err
	}
	base.env = env
	own := append(expandAll(c.spec.Command, env.lookup), expandAll(c.spec.Args, env.lookup)...)
	switch c.mode {
	case modeIstioProxy:
		return w.proxyLaunch(ctx, c, base, own)
	case modeIstiod:
		return w.istiodLaunch(ctx, base, own)
	}
	known := func(name string) (string, bool) {
		if name == "IMAGE" {
			return c.spec.Image, true
		}
		return env.lookup(name)
	}
	base.argv = expandAll(c.rule.Command, known)
	if err := w.writeVolumes(ctx, c); err != nil {
		return launch{}, err
	}
	if c.rule.PassArgs {
		base.argv = append(base.argv, own...)
	}
	return base, nil
}

// baseLaunch is what all processes of a pod have in common.
func (w *worker) baseLaunch(c *container) launch {
	l := launch{
		dir: w.dir, uid: c.uid(w.pod), hostname: w.pod.Name,
		env: environment{
			"PATH":     w.agent.options.bin + ":" + machinePath,
			"HOME":     "/",
			"HOSTNAME": w.pod.Name,
			markName:   w.agent.options.name + "/" + string(w.pod.UID) + "/" + c.spec.Name,
			// What a kubelet tells every container: where the API server is, seen from a pod.
			"KUBERNETES_SERVICE_HOST": w.agent.apiHost,
			"KUBERNETES_SERVICE_PORT": "443",
		},
		volumes: w.mountsOf(c),
	}
	if w.network != nil {
		l.netns = w.network.path()
		l.mounts = map[string]string{
			"/etc/resolv.conf": filepath.Join(w.dir, "resolv.conf"),
			"/etc/hosts":       filepath.Join(w.dir, "hosts"),
		}
	}
	return l
}

// commandLaunch is for commands beside a container's own process: with its env as far as that can be resolved now.
func (w *worker) commandLaunch(c *container) launch {
	l := w.baseLaunch(c)
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if env, err := resolveEnvironment(ctx, w.agent.reader, w.pod, &c.spec, w.place(), l.env); err == nil {
		l.env = env
	}
	return l
}

// place is what fieldRefs are told of addresses.
func (w *worker) place() podPlace {
	return podPlace{podIP: w.address.String(), hostIP: w.agent.hostIP}
}

// writePodFiles writes what every process of the pod sees as its name resolution.
func (w *worker) writePodFiles() error {
	resolv := fmt.Sprintf("nameserver %s\nsearch %s.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n",
		w.agent.options.dns.Addr(), w.pod.Namespace)
	hosts := fmt.Sprintf("127.0.0.1 localhost\n::1 localhost ip6-localhost\n%s %s\n", w.address, w.pod.Name)
	for name, text := range map[string]string{"resolv.conf": resolv, "hosts": hosts} {
		if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// openLog opens a container's log for a process of this user. The process has to own it: Envoy opens /dev/stdout,
// which is this file, once more.
func (w *worker) openLog(c *container) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(w.dir, c.logName()), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	return f, f.Chown(c.uid(w.pod), c.uid(w.pod))
}

// runInPod runs a command of a probe or hook as the container would, and answers its exit code.
func (w *worker) runInPod(ctx context.Context, base launch, env environment, command []string) (int, error) {
	base.argv, base.env = command, env
	p, err := startProcess(base)
	if err != nil {
		return 0, err
	}
	select {
	case <-p.done:
		return p.code, nil
	case <-ctx.Done():
		p.kill()
		return 0, ctx.Err()
	}
}

// all lists the pod's containers, init containers first.
func (w *worker) all() []*container { return append(append([]*container{}, w.inits...), w.mains...) }

func restartPolicy(pod *corev1.Pod, c *container) corev1.RestartPolicy {
	switch {
	case c.sidecar:
		return corev1.RestartPolicyAlways
	case c.init && pod.Spec.RestartPolicy == corev1.RestartPolicyAlways:
		return corev1.RestartPolicyOnFailure
	}
	return pod.Spec.RestartPolicy
}
