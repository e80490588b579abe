package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// dialTimeout bounds the wait for a target that does not answer.
const dialTimeout = 10 * time.Second

// forwarding is one --listen pair: where connections are taken in the caller's namespace, and where they go to in the
// cluster's.
type forwarding struct {
	listen string
	target forwardTarget
}

// forwardList collects --listen flags.
type forwardList []forwarding

func (l *forwardList) String() string { return "" }

func (l *forwardList) Set(text string) error {
	listen, target, found := strings.Cut(text, "=")
	if !found {
		return fmt.Errorf("%q is not ADDRESS=TARGET", text)
	}
	t, err := parseForwardTarget(target)
	*l = append(*l, forwarding{listen, t})
	return err
}

// listenersMark hands the sockets that were opened in the caller's namespace to the second start of the program.
const listenersMark = "NODE_AGENT_LISTENERS"

// forwardCommand is `node-agent forward`: it opens its listeners where it was started, then moves into the cluster's
// namespace as a whole and connects from there.
func forwardCommand(args []string) error {
	var pairs forwardList
	f := flag.NewFlagSet("node-agent forward", flag.ContinueOnError)
	name := f.String("netns", "", "network namespace of the cluster")
	kubeconfig := f.String("kubeconfig", "", "kubeconfig, valid inside that namespace; needed for service/… and loadbalancer targets")
	f.Var(&pairs, "listen", "ADDRESS=TARGET; TARGET is HOST:PORT, service/NAMESPACE/NAME:PORT or loadbalancer:PORT (repeat for more)")
	if err := f.Parse(args); err != nil {
		return err
	}
	if *name == "" || len(pairs) == 0 {
		return fmt.Errorf("--netns and at least one --listen are needed")
	}
	if os.Getenv(enteredMark) == "" {
		fds, err := openListeners(pairs)
		if err != nil {
			return err
		}
		return restartInside(*name, listenersMark+"="+fds)
	}
	if err := restartInside(*name); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	resolve, err := newTargetResolver(*kubeconfig, pairs)
	if err != nil {
		return err
	}
	listeners, err := inheritListeners(os.Getenv(listenersMark))
	if err != nil {
		return err
	}
	for i, l := range listeners {
		slog.Info("forwarding", "from", l.Addr(), "to", pairs[i].target)
		go serveForward(ctx, l, func(ctx context.Context) (net.Conn, error) { return dialTarget(ctx, resolve, pairs[i].target) })
	}
	<-ctx.Done()
	return nil
}

// openListeners opens all listening sockets and lets them survive the next exec; it answers their numbers.
func openListeners(pairs forwardList) (string, error) {
	var fds []string
	for _, p := range pairs {
		l, err := net.Listen("tcp", p.listen)
		if err != nil {
			return "", err
		}
		file, err := l.(*net.TCPListener).File()
		if err != nil {
			return "", err
		}
		kept, err := unix.Dup(int(file.Fd())) // a copy that is not closed on exec
		if err != nil {
			return "", err
		}
		fds = append(fds, itoa(kept))
	}
	return strings.Join(fds, ","), nil
}

func inheritListeners(fds string) ([]net.Listener, error) {
	var out []net.Listener
	for text := range strings.SplitSeq(fds, ",") {
		var fd int
		if _, err := fmt.Sscan(text, &fd); err != nil {
			return nil, fmt.Errorf("inherited listeners %q: %w", fds, err)
		}
		file := os.NewFile(uintptr(fd), "listener")
		l, err := net.FileListener(file)
		file.Close()
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

// serveForward accepts until the context ends. A target that cannot be reached ends the caller's connection at once.
func serveForward(ctx context.Context, l net.Listener, dial func(context.Context) (net.Conn, error)) {
	context.AfterFunc(ctx, func() { l.Close() })
	var unreachable atomic.Bool // one log line per outage, not per connection
	for {
		in, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return
			}
			slog.Warn("connection not taken", "err", err)
			time.Sleep(10 * time.Millisecond)
			continue
		}
		go func() {
			attempt, cancel := context.WithTimeout(ctx, dialTimeout)
			out, err := dial(attempt)
			cancel()
			if err != nil {
				if !unreachable.Swap(true) {
					slog.Warn("target cannot be reached, connections are closed", "from", l.Addr(), "err", err)
				}
				reset(in)
				return
			}
			if unreachable.Swap(false) {
				slog.Info("target is reached again", "from", l.Addr())
			}
			join(in, out)
		}()
	}
}

// reset closes so that the other side sees a broken connection, not an empty answer.
func reset(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	c.Close()
}

// join copies both ways; the end of one direction is passed on without ending the other.
func join(a, b net.Conn) {
	var both sync.WaitGroup
	copyOneWay := func(to, from net.Conn) {
		_, err := io.Copy(to, from)
		if half, ok := to.(interface{ CloseWrite() error }); ok && err == nil {
			_ = half.CloseWrite()
			return
		}
		reset(a)
		reset(b)
	}
	both.Go(func() { copyOneWay(a, b) })
	both.Go(func() { copyOneWay(b, a) })
	both.Wait()
	a.Close()
	b.Close()
}
