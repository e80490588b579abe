package main

import (
	"net/netip"
	"testing"
)

func TestAddressesAreUniqueAndInRange(t *testing.T) {
	p := newAddressPool(netip.MustParsePrefix("10.99.2.0/29"))
	claimed := netip.MustParseAddr("10.99.2.2")
	if !p.claim(claimed) || p.claim(claimed) {
		t.Error("an address can be claimed once")
	}
	if p.claim(netip.MustParseAddr("10.99.3.1")) {
		t.Error("an address of another range was claimed")
	}
	seen := map[netip.Addr]bool{claimed: true, netip.MustParseAddr("10.99.2.0"): true, netip.MustParseAddr("10.99.2.7"): true}
	for range 5 {
		a, err := p.next()
		if err != nil || seen[a] {
			t.Fatalf("%s is given out, %v", a, err)
		}
		seen[a] = true
	}
	if a, err := p.next(); err == nil {
		t.Errorf("%s is given out although none is free", a)
	}
}

func TestAnAddressThatWasGivenBackIsUsedLast(t *testing.T) {
	p := newAddressPool(netip.MustParsePrefix("10.99.2.0/29"))
	a, _ := p.next()
	p.release(a)
	for range 5 {
		if b, err := p.next(); err != nil || b == a {
			t.Fatalf("got %s, %v", b, err)
		}
	}
	if b, err := p.next(); err != nil || b != a {
		t.Errorf("the last free address is %s, got %s, %v", a, b, err)
	}
	if _, err := p.next(); err == nil {
		t.Error("an address came out of a full range")
	}
}

func TestANumberIsTheAddressesPlaceInTheRange(t *testing.T) {
	p := newAddressPool(netip.MustParsePrefix("10.99.0.0/16"))
	if n := p.number(netip.MustParseAddr("10.99.2.7")); n != 2*256+7 {
		t.Error(n)
	}
}
