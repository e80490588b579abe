package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// enteredMark tells the program after its second start that it has changed its namespaces.
const enteredMark = "NODE_AGENT_ENTERED"

// restartInside starts this program once more inside a network namespace, so that all of its threads are there.
// It keeps (or goes back to) the machine's mounts: `ip netns exec` gives a process mounts of its own, and the
// names of namespaces made there would be seen by nobody else. It returns only on an error, or when it is inside.
func restartInside(name string, extraEnv ...string) error {
	if os.Getenv(enteredMark) == name {
		return os.Unsetenv(enteredMark)
	}
	path := filepath.Join(netnsDir, name)
	ns, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("network namespace %s: %w", name, err)
	}
	defer ns.Close()
	if err := leavePrivateMounts(path); err != nil {
		return err
	}
	if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("enter network namespace %s (root needed): %w", name, err)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	env := append(os.Environ(), enteredMark+"="+name)
	return fmt.Errorf("start again: %w", syscall.Exec(self, os.Args, append(env, extraEnv...)))
}

// leavePrivateMounts goes back to the mounts of process 1 when the caller has others and the namespace's name
// is known there.
func leavePrivateMounts(path string) error {
	mine, err1 := os.Readlink("/proc/self/ns/mnt")
	first, err2 := os.Readlink("/proc/1/ns/mnt")
	if err1 != nil || err2 != nil || mine == first {
		return nil
	}
	var here, there unix.Stat_t
	if unix.Stat(path, &here) != nil || unix.Stat("/proc/1/root"+path, &there) != nil || here.Ino != there.Ino {
		return nil
	}
	mounts, err := os.Open("/proc/1/ns/mnt")
	if err != nil {
		return err
	}
	defer mounts.Close()
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	if err := unix.Unshare(unix.CLONE_FS); err != nil { // a thread may change its mounts only when it shares them with none
		return err
	}
	if err := unix.Setns(int(mounts.Fd()), unix.CLONE_NEWNS); err != nil {
		return fmt.Errorf("leave private mounts: %w", err)
	}
	return os.Chdir(dir)
}
