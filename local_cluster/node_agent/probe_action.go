package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// probeClient opens a connection per probe, accepts any certificate, and follows no redirect to another host.
var probeClient = &http.Client{
	Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
	CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if r.URL.Hostname() != via[0].URL.Hostname() || len(via) >= 10 {
			return http.ErrUseLastResponse
		}
		return nil
	},
}

// actor does what probes and hooks ask for on behalf of one container.
type actor struct {
	container *corev1.Container
	address   func(port int) string                                    // host:port at which the container's port is reached
	run       func(ctx context.Context, command []string) (int, error) // runs a command in the pod
}

// probe does one probe; an error says why it did not pass.
//
// An exec probe runs the command with the machine's programs in the pod's namespaces. When the machine has no such
// program it counts as passed: the image would have had it. A gRPC probe passes when its port takes connections.
func (a actor) probe(ctx context.Context, h corev1.ProbeHandler) error {
	switch {
	case h.HTTPGet != nil:
		return a.httpGet(ctx, h.HTTPGet)
	case h.TCPSocket != nil:
		return a.connect(ctx, h.TCPSocket.Port, h.TCPSocket.Host)
	case h.GRPC != nil:
		return a.connect(ctx, intstr.FromInt32(h.GRPC.Port), "")
	case h.Exec != nil:
		code, err := a.run(ctx, h.Exec.Command)
		if errors.Is(err, exec.ErrNotFound) {
			return nil
		}
		if err == nil && code != 0 {
			err = fmt.Errorf("%s: exit code %d", strings.Join(h.Exec.Command, " "), code)
		}
		return err
	}
	return nil
}

// hook runs a lifecycle handler. As for a kubelet, how it ends is only worth a log line.
func (a actor) hook(ctx context.Context, h *corev1.LifecycleHandler) error {
	switch {
	case h.Sleep != nil:
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(h.Sleep.Seconds) * time.Second):
		}
		return nil
	case h.HTTPGet != nil:
		return a.httpGet(ctx, h.HTTPGet)
	case h.Exec != nil:
		return a.probe(ctx, corev1.ProbeHandler{Exec: h.Exec})
	}
	return nil
}

func (a actor) httpGet(ctx context.Context, get *corev1.HTTPGetAction) error {
	target, err := a.target(get.Port, get.Host)
	if err != nil {
		return err
	}
	location, err := url.Parse(get.Path)
	if err != nil {
		return err
	}
	location.Scheme, location.Host = strings.ToLower(string(get.Scheme)), target
	if location.Scheme == "" {
		location.Scheme = "http"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, location.String(), nil)
	if err != nil {
		return err
	}
	request.Header.Set("User-Agent", "kube-probe/1.36")
	request.Header.Set("Accept", "*/*")
	for _, h := range get.HTTPHeaders {
		if strings.EqualFold(h.Name, "host") {
			request.Host = h.Value
			continue
		}
		request.Header.Set(h.Name, h.Value)
	}
	answer, err := probeClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 10<<10))
	if answer.StatusCode < 200 || answer.StatusCode >= 400 {
		return fmt.Errorf("%s: status %d", location, answer.StatusCode)
	}
	return nil
}

func (a actor) connect(ctx context.Context, port intstr.IntOrString, host string) error {
	target, err := a.target(port, host)
	if err != nil {
		return err
	}
	var d net.Dialer
	connection, err := d.DialContext(ctx, "tcp", target)
	if err != nil {
		return err
	}
	return connection.Close()
}

// target gives host:port; a named port is one of the container's.
func (a actor) target(port intstr.IntOrString, host string) (string, error) {
	number := port.IntValue()
	if number == 0 {
		for _, p := range a.container.Ports {
			if p.Name == port.StrVal {
				number = int(p.ContainerPort)
			}
		}
	}
	if number == 0 {
		return "", fmt.Errorf("no port %q", port.String())
	}
	if host != "" {
		return net.JoinHostPort(host, strconv.Itoa(number)), nil
	}
	return a.address(number), nil
}
