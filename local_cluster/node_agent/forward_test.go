package main

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
)

func TestTargetsAreReadInAllTheirSpellings(t *testing.T) {
	for text, want := range map[string]string{
		"127.0.0.1:6443":                  "127.0.0.1:6443",
		"netns:10.98.0.1:80":              "10.98.0.1:80",
		"service/istio-system/ingress:80": "service/istio-system/ingress:80",
		"loadbalancer:80":                 "loadbalancer:80",
	} {
		if got, err := parseForwardTarget(text); err != nil || got.String() != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"6443", "service/x:80", "service//x:80"} {
		if got, err := parseForwardTarget(text); err == nil {
			t.Errorf("%s was read as %s", text, got)
		}
	}
}

func TestTheEndOfOneDirectionLeavesTheOtherOpen(t *testing.T) {
	target := listen(t)
	go func() {
		c, _ := target.Accept()
		text, _ := io.ReadAll(c) // ends only when the caller has shut its side down
		_, _ = c.Write(append([]byte("heard "), text...))
		c.Close()
	}()
	front := listen(t)
	go serveForward(t.Context(), front, func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", target.Addr().String())
	})
	c := connect(t, front)
	_, _ = c.Write([]byte("all of it"))
	_ = c.(*net.TCPConn).CloseWrite()
	if text, err := io.ReadAll(c); err != nil || string(text) != "heard all of it" {
		t.Errorf("%q, %v", text, err)
	}
}

func TestARefusedTargetBreaksTheCallersConnection(t *testing.T) {
	front := listen(t)
	go serveForward(t.Context(), front, func(context.Context) (net.Conn, error) { return nil, errors.New("refused") })
	c, err := net.Dial("tcp", front.Addr().String()) // may be broken before it returns
	if err == nil {
		defer c.Close()
		_, err = io.ReadAll(c)
	}
	if err == nil {
		t.Error("the caller saw an empty answer instead of a broken connection")
	}
}

func TestAKubeconfigMayNameOneOfTheListeners(t *testing.T) {
	pairs := []forwarding{{"127.0.0.1:26443", forwardTarget{address: "127.0.0.1:6443"}}, {"127.0.0.1:8080", forwardTarget{port: "80"}}}
	for address, want := range map[string]string{
		"127.0.0.1:26443": "127.0.0.1:6443", "127.0.0.1:8080": "127.0.0.1:8080", "10.0.0.1:443": "10.0.0.1:443",
	} {
		if got := behindListener(pairs, address); got != want {
			t.Errorf("%s leads to %s", address, got)
		}
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func connect(t *testing.T, l net.Listener) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}
