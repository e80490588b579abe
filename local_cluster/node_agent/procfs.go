package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// procStat is what /proc/<pid>/stat says of a process.
type procStat struct {
	state   byte   // Z: ended, not yet waited for
	session int    // every container has a session of its own, led by its process
	start   uint64 // clock ticks after boot; with the pid it names a process for good
}

func readStat(pid int) (procStat, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return procStat{}, err
	}
	// The second field is the program's name in brackets and may hold anything: count after the last bracket.
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) < 20 {
		return procStat{}, fmt.Errorf("/proc/%d/stat is cut off", pid)
	}
	session, _ := strconv.Atoi(string(fields[3]))
	start, err := strconv.ParseUint(string(fields[19]), 10, 64)
	return procStat{state: fields[0][0], session: session, start: start}, err
}

// alive says whether the pid is still the process that started then.
func alive(pid int, start uint64) bool {
	s, err := readStat(pid)
	return err == nil && s.start == start && s.state != 'Z'
}

func eachPid(visit func(pid int)) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			visit(pid)
		}
	}
}

// killSession ends whatever a container's process left behind: with its first process a container is over.
func killSession(session int) {
	eachPid(func(pid int) {
		if s, err := readStat(pid); err == nil && s.session == session && pid != os.Getpid() {
			_ = unix.Kill(pid, unix.SIGKILL)
		}
	})
}

// killNamespace ends every process in the network namespace of this path; it says how many there were.
func killNamespace(path string) int {
	var want unix.Stat_t
	if unix.Stat(path, &want) != nil {
		return 0
	}
	killed := 0
	eachPid(func(pid int) {
		var at unix.Stat_t
		if unix.Stat(filepath.Join("/proc", strconv.Itoa(pid), "ns/net"), &at) != nil || pid == os.Getpid() {
			return
		}
		if at.Ino == want.Ino && at.Dev == want.Dev && unix.Kill(pid, unix.SIGKILL) == nil {
			killed++
		}
	})
	return killed
}
