package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// Debian's build of Prometheus has no discovery of Kubernetes' pods. So `standin prometheus` runs the real one with a copy
// of its settings in which each kubernetes_sd_configs of role pod is an http_sd_configs, and answers that itself: the
// same targets with the same __meta labels, read from the API server with the pod's own token. What is done with
// them, is Prometheus's business as everywhere. Source: Prometheus 2.42, discovery/kubernetes/pod.go.

const configFlag = "--config.file="

// discoveryRefresh is how soon a new pod is known; a watch, which the built-in discovery has, would know at once.
const discoveryRefresh = "1s"

// runPrometheus runs the program with the arguments given, until it ends or a signal ends it.
func runPrometheus(args []string, env lookup, signals <-chan os.Signal, out, errs io.Writer) int {
	fail := func(err error) int {
		fmt.Fprintf(errs, "standin: prometheus: %v\n", err)
		return exitFailure
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fail(err)
	}
	defer listener.Close()
	pods, err := newPodReader(env)
	if err != nil {
		return fail(err)
	}
	go func() { _ = http.Serve(listener, http.HandlerFunc(pods.answer)) }()
	args, settings, err := withHTTPDiscovery(args, "http://"+listener.Addr().String()+"/")
	if err != nil {
		return fail(err)
	}
	defer settings.Close()
	command := exec.Command("prometheus", args...)
	command.Stdout, command.Stderr, command.ExtraFiles = out, errs, []*os.File{settings}
	if err := command.Start(); err != nil {
		return fail(err)
	}
	go func() {
		for s := range signals {
			_ = command.Process.Signal(s)
		}
	}()
	if err := command.Wait(); err != nil {
		var ended *exec.ExitError
		if errors.As(err, &ended) && ended.ExitCode() > 0 {
			return ended.ExitCode()
		}
		if s, ok := command.ProcessState.Sys().(syscall.WaitStatus); ok && s.Signaled() {
			return 128 + int(s.Signal())
		}
		return fail(err)
	}
	return exitOK
}

// withHTTPDiscovery writes the settings that the arguments name anew, into a file without a name, and answers the
// arguments for a program that has it open as file 3.
func withHTTPDiscovery(args []string, url string) ([]string, *os.File, error) {
	out := append([]string{}, args...)
	for i, arg := range args {
		path, found := strings.CutPrefix(arg, configFlag)
		if !found {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, nil, err
		}
		changed, err := rewriteDiscovery(text, url)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		file, err := os.CreateTemp("", "prometheus-")
		if err != nil {
			return nil, nil, err
		}
		out[i] = configFlag + "/dev/fd/3"
		_, err = file.Write(changed)
		return out, file, errors.Join(err, os.Remove(file.Name()))
	}
	return nil, nil, fmt.Errorf("the argument %sPATH is missing", configFlag)
}

// rewriteDiscovery puts HTTP discovery in the place of that of pods. The settings have to be JSON, which is YAML too.
func rewriteDiscovery(text []byte, url string) ([]byte, error) {
	var settings map[string]any
	if err := json.Unmarshal(text, &settings); err != nil {
		return nil, fmt.Errorf("only settings written as JSON can be read here: %w", err)
	}
	scrapes, _ := settings["scrape_configs"].([]any)
	for _, s := range scrapes {
		scrape, _ := s.(map[string]any)
		found, _ := scrape["kubernetes_sd_configs"].([]any)
		for _, f := range found {
			discovery, _ := f.(map[string]any)
			if discovery["role"] != "pod" || len(discovery) != 1 {
				return nil, fmt.Errorf("only {role: pod} is known of kubernetes_sd_configs, not %v", discovery)
			}
		}
		if len(found) > 0 {
			delete(scrape, "kubernetes_sd_configs")
			scrape["http_sd_configs"] = []any{map[string]any{"url": url, "refresh_interval": discoveryRefresh}}
		}
	}
	return json.MarshalIndent(settings, "", "  ")
}
