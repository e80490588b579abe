// Command node-agent is the node of the local cluster: what a kubelet, a container runtime, a network
// plugin and CoreDNS are to a real one, as one process.
//
//	node-agent run      runs the pods that are bound to its node as processes, one network namespace each
//	node-agent forward  makes addresses of the cluster's namespace reachable on the caller's loopback
package main

import (
	"fmt"
	"log/slog"
	"os"
	"runtime"

	"k8s.io/klog/v2"
)

// The main goroutine keeps the first thread to itself: a goroutine that ends while it has changed its
// thread's namespaces takes the thread with it, and the first thread is the one that cannot end.
func init() { runtime.LockOSThread() }

func main() {
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, nil)))
	klog.SetSlogLogger(slog.Default())
	if err := dispatch(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "node-agent:", err)
		os.Exit(1)
	}
}

func dispatch(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("say what to do: run or forward")
	}
	switch args[0] {
	case "run":
		return runCommand(args[1:])
	case "forward":
		return forwardCommand(args[1:])
	}
	return fmt.Errorf("unknown command %q: run or forward", args[0])
}
