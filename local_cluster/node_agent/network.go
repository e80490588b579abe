package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

const netnsDir = "/run/netns"

// podNetwork is one pod's network namespace and its veth into the cluster's namespace.
type podNetwork struct {
	name    string // of the namespace, <cluster>-<number>
	link    string // the veth's end in the cluster's namespace
	address netip.Addr
	gateway netip.Addr
}

func newPodNetwork(cluster string, number int, address, gateway netip.Addr) podNetwork {
	return podNetwork{
		name: cluster + "-" + strconv.Itoa(number), link: "v" + strconv.Itoa(number), address: address, gateway: gateway,
	}
}

func (n podNetwork) path() string { return filepath.Join(netnsDir, n.name) }

func (n podNetwork) exists() bool {
	_, linkErr := netlink.LinkByName(n.link)
	handle, err := netns.GetFromPath(n.path())
	if err != nil {
		return false
	}
	handle.Close()
	return linkErr == nil
}

// create makes the namespace: address as /32, default route by the gateway, a route to the pod in the cluster's
// namespace. What an earlier try left behind is removed first.
func (n podNetwork) create() error {
	n.remove()
	handle, err := newNamespace(n.name)
	if err != nil {
		return fmt.Errorf("namespace %s: %w", n.name, err)
	}
	defer handle.Close()
	veth := &netlink.Veth{
		LinkAttrs: netlink.LinkAttrs{Name: n.link}, PeerName: "eth0", PeerNamespace: netlink.NsFd(int(handle)),
	}
	if err := netlink.LinkAdd(veth); err != nil {
		return fmt.Errorf("veth %s: %w", n.link, err)
	}
	if err := n.configurePod(handle); err != nil {
		return fmt.Errorf("namespace %s: %w", n.name, err)
	}
	outer, err := netlink.LinkByName(n.link)
	if err != nil {
		return err
	}
	if err := netlink.LinkSetUp(outer); err != nil {
		return err
	}
	return netlink.RouteAdd(&netlink.Route{
		LinkIndex: outer.Attrs().Index, Dst: hostNet(n.address), Scope: netlink.SCOPE_LINK,
	})
}

func (n podNetwork) configurePod(handle netns.NsHandle) error {
	inside, err := netlink.NewHandleAt(handle)
	if err != nil {
		return err
	}
	defer inside.Close()
	lo, err := inside.LinkByName("lo")
	if err != nil {
		return err
	}
	eth0, err := inside.LinkByName("eth0")
	if err != nil {
		return err
	}
	gateway := net.IP(n.gateway.AsSlice())
	index := eth0.Attrs().Index
	return errors.Join(
		inside.LinkSetUp(lo),
		inside.AddrAdd(eth0, &netlink.Addr{IPNet: hostNet(n.address)}),
		inside.LinkSetUp(eth0),
		inside.RouteAdd(&netlink.Route{LinkIndex: index, Dst: hostNet(n.gateway), Scope: netlink.SCOPE_LINK}),
		inside.RouteAdd(&netlink.Route{LinkIndex: index, Gw: gateway}),
	)
}

// remove ends every process in the namespace and takes the veth, its routes and the name away.
func (n podNetwork) remove() {
	killNamespace(n.path())
	if link, err := netlink.LinkByName(n.link); err == nil {
		_ = netlink.LinkDel(link)
	}
	if _, err := os.Lstat(n.path()); err == nil {
		_ = netns.DeleteNamed(n.name)
	}
}

// newNamespace makes a named network namespace in which any user may listen on any port.
func newNamespace(name string) (netns.NsHandle, error) {
	type result struct {
		handle netns.NsHandle
		err    error
	}
	made := make(chan result, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread is in the new namespace and ends with this function
		handle, err := netns.NewNamed(name)
		if err == nil {
			err = os.WriteFile("/proc/sys/net/ipv4/ip_unprivileged_port_start", []byte("0"), 0o644)
		}
		made <- result{handle, err}
	}()
	r := <-made
	return r.handle, r.err
}

// leftoverNetworks finds namespaces of pods that no record speaks of.
func leftoverNetworks(cluster string, known map[string]bool) []podNetwork {
	var found []podNetwork
	entries, _ := os.ReadDir(netnsDir)
	for _, e := range entries {
		number, ok := strings.CutPrefix(e.Name(), cluster+"-")
		if _, err := strconv.Atoi(number); ok && err == nil && !known[e.Name()] {
			found = append(found, podNetwork{name: e.Name(), link: "v" + number})
		}
	}
	return found
}

func hostNet(a netip.Addr) *net.IPNet {
	return &net.IPNet{IP: a.AsSlice(), Mask: net.CIDRMask(a.BitLen(), a.BitLen())}
}
