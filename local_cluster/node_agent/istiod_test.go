package main

import (
	"net/netip"
	"slices"
	"testing"
)

func TestIstiodListensOnItsPodsAddressAlone(t *testing.T) {
	own := []string{"discovery", "--monitoringAddr=:15099", "--domain", "cluster.local", "--kubeconfig=/x", "--grpcAddr=:0"}
	got := istiodArgs(own, netip.MustParseAddr("10.99.2.3"))
	want := []string{
		"discovery", "--domain", "cluster.local", "--grpcAddr=10.99.2.3:0", "--httpAddr=10.99.2.3:8080",
		"--httpsAddr=10.99.2.3:15017", "--monitoringAddr=10.99.2.3:15099", "--secureGRPCAddr=10.99.2.3:15012",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestDebugPagesFollowTheNewestReadyIstiod(t *testing.T) {
	a, b := netip.MustParseAddr("10.99.2.3"), netip.MustParseAddr("10.99.2.4")
	var l istiodList
	if _, err := l.dial(t.Context()); err != errNoIstiod {
		t.Error(err)
	}
	for _, step := range []struct {
		address netip.Addr
		ready   bool
		newest  netip.Addr
	}{{a, true, a}, {b, true, b}, {b, false, a}, {b, true, b}, {a, false, b}} {
		l.set(step.address, step.ready)
		if got := l.ready[len(l.ready)-1]; got != step.newest {
			t.Errorf("%+v: newest is %s", step, got)
		}
	}
}
