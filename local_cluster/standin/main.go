// Command standin stands in for the containers of a local cluster that has no container engine.
//
// One static binary plays every service of the samples Bookinfo and Pitstop, any other HTTP service in a
// generic way, and a client pod that can be told to send requests. It follows the interface of
// the services it stands for (paths, JSON shapes, timeouts, propagated headers); its code, texts
// and data are its own. It keeps counters of what it answered, fails and delays on request, and
// ends as a well-behaved container does.
package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

// Exit codes: 0 after a drain, 1 when serving failed, 2 for bad input.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

const usage = `standin plays the containers of a local cluster that has no container engine.

usage:
  standin serve --image IMAGE [--port PORT]   act as the service of this image (default port 9080)
  standin client [--port PORT]                act as a client pod (default port 80)
  standin busybox sh -c SCRIPT                act as an init container that waits for a port
  standin prometheus ARGUMENT...              run the real Prometheus, with discovery of pods
  standin --help                              print this text

Images called examples-bookinfo-{productpage,details,reviews,ratings}-VERSION become that Bookinfo
service; Pitstop's images (pitstop/webapp and so on, mssql/server, rabbitmq, datalust/seq,
maildev/maildev) become that workload, on the ports and by the variables that the image knows;
every other image becomes a generic service named like the last part of the image.

environment, all services:
  PORT               port to listen on; --port wins
  HOSTNAME           pod name in the answers (else the host's name)
  FAIL_PERCENT       share of requests that fail, 0 to 100; with FAIL_STATUS, 400 to 599 (500)
  DELAY_PERCENT      share of requests that wait DELAY_MS milliseconds first (100 with DELAY_MS set)
  ANSWER_PERCENT     share of requests answered 200 with the text in ANSWER_BODY instead
  READY_AFTER_MS     answer 503 (probes, too, except /live) for this long after the start
  CRASH_AFTER_MS     exit with code 1 this long after the start
  UNHEALTHY          1: /health, /ready and /live answer 503
  DRAIN_MS           after SIGTERM: time during which connections are still accepted (500)
  SESSION_KEY        productpage: key that signs session cookies
  SERVICE_VERSION    generic service: version in the answers (else the image's tag)

environment, Bookinfo:
  SERVICES_DOMAIN, {DETAILS,REVIEWS,RATINGS}_HOSTNAME, {DETAILS,REVIEWS,RATINGS}_SERVICE_PORT
  FLOOD_FACTOR       productpage: further requests to reviews for each page, 0 to 1000
  ENABLE_RATINGS, STAR_COLOR   reviews: override what the version says
  CLUSTER_NAME       reviews: cluster name in the answers
  NEW_CONNECTIONS    1: a new connection for each call downstream (shares without a mesh)

Every service answers GET /stand-in/requests with its counters. A client pod takes POST /send:
  {"method", "url", "headers", "count", "concurrency", "new_connections", "timeout_seconds", "body"}
`

func main() {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	os.Exit(run(os.Args[1:], os.LookupEnv, signals, os.Stdout, os.Stderr))
}

// run plays the service the arguments ask for until a signal ends it, and returns the exit code.
func run(args []string, env lookup, signals <-chan os.Signal, out, errs io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(errs, usage)
		return exitUsage
	}
	switch args[0] {
	case "-h", "--help", "-help", "help":
		fmt.Fprint(out, usage)
		return exitOK
	case "serve", "client":
	case "busybox":
		return busybox(args[1:], errs)
	case "prometheus":
		return runPrometheus(args[1:], env, signals, out, errs)
	case "nc":
		return netcat(args[1:], errs)
	default:
		fmt.Fprintf(errs, "standin: unknown subcommand %q: must be serve or client; see standin --help\n", args[0])
		return exitUsage
	}
	for _, arg := range args[1:] {
		if arg == "--help" || arg == "-h" || arg == "-help" {
			fmt.Fprint(out, usage)
			return exitOK
		}
	}
	server, port, err := configure(args, env, errs)
	if err != nil {
		fmt.Fprintf(errs, "standin: %v\n", err)
		return exitUsage
	}
	if server.role != nil {
		return server.playRole(signals, errs)
	}
	return listenAndServe(server, port, signals, errs)
}

// configure turns arguments and environment into a server and its port. Its error names every
// wrong value: key, value and rule, one a line.
func configure(args []string, env lookup, log io.Writer) (*server, int, error) {
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	imageName := ""
	if args[0] == "serve" {
		flags.StringVar(&imageName, "image", "", "image to stand in for")
	}
	portText := flags.String("port", "", "port to listen on")
	if err := flags.Parse(args[1:]); err != nil {
		return nil, 0, fmt.Errorf("%s: %w; see standin --help", args[0], err)
	}
	if flags.NArg() > 0 {
		return nil, 0, fmt.Errorf("%s: unexpected argument %q; see standin --help", args[0], flags.Arg(0))
	}
	settings := &settings{env: env}
	fallback := 9080
	if args[0] == "client" {
		fallback = 80
	}
	port := settings.whole("PORT", fallback, 1, 65535)
	if *portText != "" {
		flagged, err := strconv.Atoi(*portText)
		if err != nil || flagged < 1 || flagged > 65535 {
			settings.refuse("flag --port", *portText, "must be a whole number from 1 to 65535")
		}
		port = flagged
	}
	server := newServer(settings)
	if args[0] == "client" {
		server.become(identity{Service: "client", Version: settings.text("SERVICE_VERSION", "v1")}, newClient().answer)
	} else {
		server.play(imageName, settings, log)
	}
	return server, port, settings.err()
}

// listenAndServe serves on all addresses until a signal has come and the drain is over.
func listenAndServe(server *server, port int, signals <-chan os.Signal, log io.Writer) int {
	listener, err := net.Listen("tcp", ":"+strconv.Itoa(port))
	if err != nil {
		fmt.Fprintf(log, "standin: cannot listen on port %d: %v\n", port, err)
		return exitFailure
	}
	id := server.id
	fmt.Fprintf(log, "standin: %s %s, pod %s, listening on port %d\n", id.Service, id.Version, id.Pod, port)
	server.crashLater(log)
	if err := server.serve(listener, signals); err != nil {
		fmt.Fprintf(log, "standin: %s\n", strings.TrimSpace(err.Error()))
		return exitFailure
	}
	fmt.Fprintln(log, "standin: drained")
	return exitOK
}
