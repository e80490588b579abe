package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// busybox plays the image of that name as far as init containers that wait need it: `sh -c SCRIPT`, with an nc of its own,
// which a machine may not have. It does not come back unless something is wrong.
func busybox(args []string, errs io.Writer) int {
	if len(args) != 3 || args[0] != "sh" || args[1] != "-c" {
		fmt.Fprintf(errs, "standin: busybox: only `sh -c SCRIPT` is played here, not %q\n", args)
		return exitUsage
	}
	self, err := os.Executable()
	if err == nil {
		script := fmt.Sprintf("nc() { '%s' nc \"$@\"; }\n%s", self, args[2])
		err = syscall.Exec("/bin/sh", []string{"sh", "-c", script}, os.Environ())
	}
	fmt.Fprintf(errs, "standin: busybox: %v\n", err)
	return exitFailure
}

// netcat is `nc -z [-w SECONDS] HOST PORT`: whether a port takes connections. It says so by its exit code.
func netcat(args []string, errs io.Writer) int {
	flags := flag.NewFlagSet("nc", flag.ContinueOnError)
	flags.SetOutput(errs)
	scan := flags.Bool("z", false, "only ask whether the port is open")
	wait := flags.Int("w", 10, "seconds to wait at most")
	if err := flags.Parse(args); err != nil || !*scan || flags.NArg() != 2 || *wait < 1 {
		fmt.Fprintln(errs, "standin: nc: only `nc -z [-w SECONDS] HOST PORT` is played here")
		return exitUsage
	}
	address := net.JoinHostPort(flags.Arg(0), flags.Arg(1))
	connection, err := net.DialTimeout("tcp", address, time.Duration(*wait)*time.Second)
	if err != nil {
		return exitFailure
	}
	connection.Close()
	return exitOK
}
