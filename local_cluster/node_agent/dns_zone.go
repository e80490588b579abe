package main

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"
	corelisters "k8s.io/client-go/listers/core/v1"
	discoverylisters "k8s.io/client-go/listers/discovery/v1"
)

const clusterDomain = "cluster.local."

// serviceZone answers names below svc.cluster.local from the Services and EndpointSlices as last heard of:
//
//	<service>.<namespace>.svc.cluster.local              ClusterIP; headless: ready endpoints; ExternalName: CNAME
//	<pod hostname>.<service>.<namespace>.svc.cluster.local   one endpoint of a headless Service
//	_<port>._<protocol>.<service>.<namespace>.svc.…      SRV
type serviceZone struct {
	services corelisters.ServiceLister
	slices   discoverylisters.EndpointSliceLister
}

// answer gives the records of a name and whether the name exists at all.
func (z *serviceZone) answer(name string, kind uint16) ([]dns.RR, bool) {
	lower := strings.ToLower(dns.Fqdn(name))
	rest, inside := strings.CutSuffix(lower, ".svc."+clusterDomain)
	if !inside {
		return nil, lower == clusterDomain || lower == "svc."+clusterDomain
	}
	parts := strings.Split(rest, ".")
	if len(parts) == 1 {
		return nil, z.hasNamespace(parts[0])
	}
	before, service, namespace := parts[:len(parts)-2], parts[len(parts)-2], parts[len(parts)-1]
	s, err := z.services.Services(namespace).Get(service)
	if err != nil {
		return nil, false
	}
	switch len(before) {
	case 0:
		return z.service(s, name, kind), true
	case 1:
		return z.endpoint(s, before[0], name, kind)
	case 2:
		return z.ports(s, before[0], before[1], name, kind)
	}
	return nil, false
}

func (z *serviceZone) hasNamespace(namespace string) bool {
	found, err := z.services.Services(namespace).List(labels.Everything())
	return err == nil && len(found) > 0
}

func (z *serviceZone) service(s *corev1.Service, name string, kind uint16) []dns.RR {
	switch {
	case s.Spec.Type == corev1.ServiceTypeExternalName:
		return z.external(s, name, kind)
	case s.Spec.ClusterIP == corev1.ClusterIPNone:
		var all []string
		for _, e := range z.endpoints(s) {
			all = append(all, e.Addresses...)
		}
		return addressRecords(name, kind, all)
	}
	return addressRecords(name, kind, s.Spec.ClusterIPs)
}

// external answers the other name and, when that is one of ours, what it stands for.
func (z *serviceZone) external(s *corev1.Service, name string, kind uint16) []dns.RR {
	target := dns.Fqdn(s.Spec.ExternalName)
	out := []dns.RR{&dns.CNAME{Hdr: header(name, dns.TypeCNAME), Target: target}}
	other, err := z.serviceOf(target)
	if kind != dns.TypeCNAME && err == nil && other.Spec.Type != corev1.ServiceTypeExternalName {
		out = append(out, z.service(other, target, kind)...)
	}
	return out
}

func (z *serviceZone) serviceOf(fqdn string) (*corev1.Service, error) {
	service, rest, _ := strings.Cut(strings.ToLower(fqdn), ".")
	return z.services.Services(strings.TrimSuffix(rest, ".svc."+clusterDomain)).Get(service)
}

// endpoints are those of a headless Service that are ready, or all if it publishes them early.
func (z *serviceZone) endpoints(s *corev1.Service) []discoveryv1.Endpoint {
	found, _ := z.slices.EndpointSlices(s.Namespace).List(labels.SelectorFromSet(labels.Set{discoveryv1.LabelServiceName: s.Name}))
	var out []discoveryv1.Endpoint
	for _, slice := range found {
		for _, e := range slice.Endpoints {
			if s.Spec.PublishNotReadyAddresses || e.Conditions.Ready == nil || *e.Conditions.Ready {
				out = append(out, e)
			}
		}
	}
	return out
}

func (z *serviceZone) endpoint(s *corev1.Service, host, name string, kind uint16) ([]dns.RR, bool) {
	for _, e := range z.endpoints(s) {
		if e.Hostname != nil && *e.Hostname == host {
			return addressRecords(name, kind, e.Addresses), true
		}
	}
	return nil, false
}

func (z *serviceZone) ports(s *corev1.Service, port, protocol, name string, kind uint16) ([]dns.RR, bool) {
	for _, p := range s.Spec.Ports {
		if "_"+p.Name != port || "_"+strings.ToLower(string(p.Protocol)) != protocol {
			continue
		}
		if kind != dns.TypeSRV {
			return nil, true
		}
		target := s.Name + "." + s.Namespace + ".svc." + clusterDomain
		return []dns.RR{&dns.SRV{Hdr: header(name, dns.TypeSRV), Weight: 100, Port: uint16(p.Port), Target: target}}, true
	}
	return nil, false
}

// addressRecords makes A or AAAA records, in a steady order without doubles.
func addressRecords(name string, kind uint16, addresses []string) []dns.RR {
	var out []dns.RR
	for _, text := range slices.Compact(slices.Sorted(slices.Values(addresses))) {
		address, err := netip.ParseAddr(text)
		switch {
		case err != nil:
		case address.Is4() && kind == dns.TypeA:
			out = append(out, &dns.A{Hdr: header(name, kind), A: address.AsSlice()})
		case address.Is6() && kind == dns.TypeAAAA:
			out = append(out, &dns.AAAA{Hdr: header(name, kind), AAAA: address.AsSlice()})
		}
	}
	return out
}
