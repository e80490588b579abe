package main

import (
	"flag"
	"fmt"
	"net/netip"
	"path/filepath"
	"time"
)

// options are the flags of `node-agent run`. Paths are absolute once parsed.
type options struct {
	kubeconfig string // as seen from inside the cluster's namespace
	node       string // name of the Node object whose pods are run
	runDir     string // holds pods/ and logs/
	name       string // the cluster's network namespace; pods get <name>-<number>
	images     string // images.yaml
	bin        string // envoy, pilot-agent, pilot-discovery, stand-ins, envoy_bootstrap_tmpl.json

	dns     netip.AddrPort // where the DNS server listens; its address is also the pods' gateway
	podCIDR netip.Prefix

	backoffBase time.Duration // wait before the first restart of a crashed container; doubles from there
	backoffMax  time.Duration
}

func parseOptions(args []string) (options, error) {
	var o options
	var dns, cidr string
	f := flag.NewFlagSet("node-agent run", flag.ContinueOnError)
	f.StringVar(&o.kubeconfig, "kubeconfig", "", "kubeconfig, valid inside the cluster's network namespace")
	f.StringVar(&o.node, "node", "local", "name of the Node whose pods are run")
	f.StringVar(&o.runDir, "run-dir", "", "run folder of the cluster")
	f.StringVar(&o.name, "name", "", "network namespace of the cluster")
	f.StringVar(&o.images, "images", "", "images.yaml: which image is run by which command")
	f.StringVar(&o.bin, "bin", "", "folder with envoy, pilot-agent, pilot-discovery and the stand-in")
	f.StringVar(&dns, "dns", "10.99.0.1:53", "address of the DNS server and gateway of the pods")
	f.StringVar(&cidr, "pod-cidr", "10.99.2.0/24", "addresses of the pods run here")
	f.DurationVar(&o.backoffBase, "backoff-base", time.Second, "wait before the first restart of a crashed container")
	f.DurationVar(&o.backoffMax, "backoff-max", time.Minute, "longest wait before a restart")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	var err error
	if o.dns, err = netip.ParseAddrPort(dns); err != nil {
		return o, fmt.Errorf("--dns: %w", err)
	}
	if o.podCIDR, err = netip.ParsePrefix(cidr); err != nil {
		return o, fmt.Errorf("--pod-cidr: %w", err)
	}
	for name, path := range map[string]*string{
		"--kubeconfig": &o.kubeconfig, "--run-dir": &o.runDir, "--images": &o.images, "--bin": &o.bin,
	} {
		if *path == "" {
			return o, fmt.Errorf("%s is missing", name)
		}
		if *path, err = filepath.Abs(*path); err != nil {
			return o, err
		}
	}
	if o.name == "" {
		return o, fmt.Errorf("--name is missing")
	}
	return o, nil
}

// podsDir holds one folder per pod, <namespace>_<pod>.
func (o options) podsDir() string { return filepath.Join(o.runDir, "pods") }

// goneDir keeps the logs of pods that are gone.
func (o options) goneDir() string { return filepath.Join(o.runDir, "logs", "gone") }
