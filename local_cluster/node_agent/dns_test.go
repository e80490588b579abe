package main

import (
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corelisters "k8s.io/client-go/listers/core/v1"
	discoverylisters "k8s.io/client-go/listers/discovery/v1"
	"k8s.io/client-go/tools/cache"
)

func aService(namespace, name string, spec corev1.ServiceSpec) *corev1.Service {
	if spec.ClusterIP != "" {
		spec.ClusterIPs = []string{spec.ClusterIP}
	}
	return &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Spec: spec}
}

func someZone(t *testing.T) *serviceZone {
	t.Helper()
	byNamespace := cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc}
	services := cache.NewIndexer(cache.MetaNamespaceKeyFunc, byNamespace)
	endpoints := cache.NewIndexer(cache.MetaNamespaceKeyFunc, byNamespace)
	yes, no, host := true, false, "db-0"
	for _, s := range []*corev1.Service{
		aService("bookinfo", "reviews", corev1.ServiceSpec{ClusterIP: "10.96.0.7", Ports: []corev1.ServicePort{
			{Name: "http", Protocol: corev1.ProtocolTCP, Port: 9080}}}),
		aService("bookinfo", "db", corev1.ServiceSpec{ClusterIP: corev1.ClusterIPNone}),
		aService("bookinfo", "outside", corev1.ServiceSpec{Type: corev1.ServiceTypeExternalName, ExternalName: "example.com"}),
		aService("bookinfo", "alias", corev1.ServiceSpec{Type: corev1.ServiceTypeExternalName,
			ExternalName: "reviews.bookinfo.svc.cluster.local"}),
	} {
		_ = services.Add(s)
	}
	_ = endpoints.Add(&discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{Namespace: "bookinfo", Name: "db-1", Labels: map[string]string{discoveryv1.LabelServiceName: "db"}},
		Endpoints: []discoveryv1.Endpoint{
			{Addresses: []string{"10.99.2.9"}, Conditions: discoveryv1.EndpointConditions{Ready: &yes}, Hostname: &host},
			{Addresses: []string{"10.99.2.8"}},
			{Addresses: []string{"10.99.2.7"}, Conditions: discoveryv1.EndpointConditions{Ready: &no}},
		},
	})
	return &serviceZone{corelisters.NewServiceLister(services), discoverylisters.NewEndpointSliceLister(endpoints)}
}

func TestNamesAreAnsweredAsInACluster(t *testing.T) {
	zone := someZone(t)
	for _, row := range []struct {
		name    string
		kind    uint16
		exists  bool
		answers string
	}{
		{"reviews.bookinfo.svc.cluster.local.", dns.TypeA, true, "10.96.0.7"},
		{"Reviews.BookInfo.svc.cluster.local.", dns.TypeA, true, "10.96.0.7"},
		{"reviews.bookinfo.svc.cluster.local.", dns.TypeAAAA, true, ""},
		{"db.bookinfo.svc.cluster.local.", dns.TypeA, true, "10.99.2.8 10.99.2.9"},
		{"db-0.db.bookinfo.svc.cluster.local.", dns.TypeA, true, "10.99.2.9"},
		{"db-1.db.bookinfo.svc.cluster.local.", dns.TypeA, false, ""},
		{"outside.bookinfo.svc.cluster.local.", dns.TypeA, true, "example.com."},
		{"alias.bookinfo.svc.cluster.local.", dns.TypeA, true, "reviews.bookinfo.svc.cluster.local. 10.96.0.7"},
		{"_http._tcp.reviews.bookinfo.svc.cluster.local.", dns.TypeSRV, true, "9080"},
		{"_grpc._tcp.reviews.bookinfo.svc.cluster.local.", dns.TypeSRV, false, ""},
		{"bookinfo.svc.cluster.local.", dns.TypeA, true, ""},
		{"absent.bookinfo.svc.cluster.local.", dns.TypeA, false, ""},
		{"reviews.bookinfo.svc.", dns.TypeA, false, ""},
		{"example.com.", dns.TypeA, false, ""},
	} {
		records, exists := zone.answer(row.name, row.kind)
		var got []string
		for _, r := range records {
			switch r := r.(type) {
			case *dns.A:
				got = append(got, r.A.String())
			case *dns.CNAME:
				got = append(got, r.Target)
			case *dns.SRV:
				got = append(got, itoa(int(r.Port)))
			}
		}
		if exists != row.exists || !slices.Equal(got, strings.Fields(row.answers)) {
			t.Errorf("%s %s: %v %v", dns.TypeToString[row.kind], row.name, exists, got)
		}
	}
}

func TestUnknownNamesAreRefusedAtOnceWithAnSOA(t *testing.T) {
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{PacketConn: packets, Handler: newDNSServer(someZone(t))}
	go func() { _ = server.ActivateAndServe() }()
	defer func() { _ = server.Shutdown() }()
	ask := func(name string) *dns.Msg {
		answer, err := dns.Exchange(new(dns.Msg).SetQuestion(name, dns.TypeA), packets.LocalAddr().String())
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	if a := ask("example.com."); a.Rcode != dns.RcodeNameError || len(a.Ns) != 1 {
		t.Errorf("example.com: %v", a)
	}
	if a := ask("reviews.bookinfo.svc.cluster.local."); a.Rcode != dns.RcodeSuccess || len(a.Answer) != 1 {
		t.Errorf("reviews: %v", a)
	}
}
