package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"

	"github.com/miekg/dns"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"
)

// recordLifetime in seconds. Short: clients hold an answer no longer than a kube-proxy needs to follow a change.
const recordLifetime = 5

// dnsServer answers for the cluster's Services. It has no upstream: all other names do not exist.
type dnsServer struct {
	zone *serviceZone
	soa  dns.RR
}

// serveDNS starts the server once Services and their endpoints are known; the answer stops it.
func (a *Agent) serveDNS(ctx context.Context) (stop func(), err error) {
	factory := informers.NewSharedInformerFactoryWithOptions(a.client, 0, informers.WithTransform(withoutManagedFields))
	services := factory.Core().V1().Services()
	slices := factory.Discovery().V1().EndpointSlices()
	zone := &serviceZone{services: services.Lister(), slices: slices.Lister()}
	synced := []cache.InformerSynced{services.Informer().HasSynced, slices.Informer().HasSynced}
	factory.Start(ctx.Done())

	address := a.options.dns.String()
	packets, err := net.ListenPacket("udp", address)
	if err != nil {
		return nil, fmt.Errorf("DNS: %w", err)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		packets.Close()
		return nil, fmt.Errorf("DNS: %w", err)
	}
	stop = func() { packets.Close(); listener.Close() }
	if !waitFor(ctx, "services", synced...) {
		stop()
		return nil, errNoSync
	}
	handler := newDNSServer(zone)
	for _, server := range []*dns.Server{{PacketConn: packets, Handler: handler}, {Listener: listener, Handler: handler}} {
		go func() {
			if err := server.ActivateAndServe(); err != nil && ctx.Err() == nil {
				slog.Error("DNS server ended", "err", err)
			}
		}()
	}
	return stop, nil
}

func newDNSServer(zone *serviceZone) *dnsServer {
	return &dnsServer{zone: zone, soa: &dns.SOA{
		Hdr: header(clusterDomain, dns.TypeSOA), Ns: "ns.dns." + clusterDomain, Mbox: "hostmaster." + clusterDomain,
		Serial: 1, Refresh: 7200, Retry: 1800, Expire: 86400, Minttl: recordLifetime,
	}}
}

// ServeDNS implements dns.Handler.
func (s *dnsServer) ServeDNS(w dns.ResponseWriter, request *dns.Msg) {
	answer := new(dns.Msg)
	answer.SetReply(request)
	answer.Authoritative, answer.RecursionAvailable = true, true
	if len(request.Question) == 1 {
		q := request.Question[0]
		records, exists := s.zone.answer(q.Name, q.Qtype)
		answer.Answer = records
		if !exists {
			answer.Rcode = dns.RcodeNameError
		}
		if len(records) == 0 {
			answer.Ns = []dns.RR{s.soa}
		}
	}
	if _, overTCP := w.RemoteAddr().(*net.TCPAddr); !overTCP {
		size := dns.MinMsgSize
		if opt := request.IsEdns0(); opt != nil {
			size = int(opt.UDPSize())
		}
		answer.Truncate(size)
	}
	_ = w.WriteMsg(answer)
}

func header(name string, kind uint16) dns.RR_Header {
	return dns.RR_Header{Name: name, Rrtype: kind, Class: dns.ClassINET, Ttl: recordLifetime}
}
