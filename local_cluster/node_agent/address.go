package main

import (
	"fmt"
	"net/netip"
	"sync"
)

// addressPool hands out pod addresses. It goes round through the range, so that an address that was just
// given back is not the next one to be used: a proxy may still hold it for a moment.
type addressPool struct {
	mu     sync.Mutex
	prefix netip.Prefix
	last   netip.Addr
	taken  map[netip.Addr]bool
}

func newAddressPool(prefix netip.Prefix) *addressPool {
	prefix = prefix.Masked()
	return &addressPool{prefix: prefix, last: prefix.Addr(), taken: map[netip.Addr]bool{}}
}

// claim marks an address as used; false when it is out of range or another's.
func (p *addressPool) claim(a netip.Addr) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.prefix.Contains(a) || p.taken[a] {
		return false
	}
	p.taken[a] = true
	if p.last.Less(a) {
		p.last = a
	}
	return true
}

// next takes a free address; the range's first and last one are never given out.
func (p *addressPool) next() (netip.Addr, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.last
	for range 1 << (p.prefix.Addr().BitLen() - p.prefix.Bits()) {
		if a = a.Next(); !p.prefix.Contains(a) || !p.prefix.Contains(a.Next()) {
			a = p.prefix.Addr()
			continue
		}
		if a == p.prefix.Addr() || p.taken[a] {
			continue
		}
		p.taken[a], p.last = true, a
		return a, nil
	}
	return netip.Addr{}, fmt.Errorf("no free pod address in %s", p.prefix)
}

func (p *addressPool) release(a netip.Addr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.taken, a)
}

// number is an address's place in the range; it numbers the pod's namespace and veth.
func (p *addressPool) number(a netip.Addr) int {
	first, at := p.prefix.Addr().As4(), a.As4()
	n := 0
	for i := range 4 {
		n = n<<8 + int(at[i]) - int(first[i])
	}
	return n
}
