package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// unknownExit is the code of a process whose end nobody saw, as a kubelet reports it.
const unknownExit = 137

// launch says how a process is started.
type launch struct {
	argv     []string
	env      environment
	dir      string
	uid      int               // user and group; no supplementary groups
	netns    string            // path of the network namespace; empty: the agent's own
	mounts   map[string]string // file put over another one, for this process alone
	volumes  []mountPoint      // seen by this process alone, in a root folder of its own; only with a netns
	hostname string            // seen by this process alone; empty: the machine's
	output   *os.File          // stdout and stderr; nil: /dev/null

	root string // folder on which the process's own root is made; empty: it has the machine's
}

// process is one that was started here, or taken over from an agent before this one.
type process struct {
	pid   int
	start uint64        // see procStat.start
	done  chan struct{} // closed when it has ended
	code  int           // valid once done is closed; 128+n after signal n
}

// startProcess starts a process in its namespaces, as the leader of a session of its own. It outlives the agent.
func startProcess(l launch) (*process, error) {
	program, err := findProgram(l.argv[0], l.env["PATH"])
	if err != nil {
		return nil, err
	}
	cmd := &exec.Cmd{
		Path: program, Args: l.argv, Env: l.env.list(), Dir: l.dir, Stdout: l.output, Stderr: l.output,
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	if l.output == nil {
		cmd.Stdout, cmd.Stderr = nil, nil // a nil *os.File in the interface would not be nil
	}
	if l.uid != 0 {
		id := uint32(l.uid)
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: id, Gid: id}
	}
	if len(l.volumes) > 0 && l.netns != "" {
		// It stays while the pod is there: to remove a folder is to unmount what others have mounted on it.
		l.root = filepath.Join(l.dir, "root")
		if err := os.MkdirAll(l.root, 0o755); err != nil {
			return nil, err
		}
		cmd.SysProcAttr.Chroot = l.root
	}
	if err := inNamespaces(l, cmd.Start); err != nil {
		return nil, err
	}
	p := &process{pid: cmd.Process.Pid, done: make(chan struct{})}
	if s, err := readStat(p.pid); err == nil { // it cannot be reaped before Wait
		p.start = s.start
	}
	go func() {
		if pidfd, err := openPidfd(p.pid); err == nil {
			awaitEnd(pidfd)
		}
		_ = cmd.Wait()
		p.code = exitCode(cmd.ProcessState)
		killSession(p.pid)
		close(p.done)
	}()
	return p, nil
}

// inNamespaces calls f on a thread that has entered the launch's namespaces. The thread ends with it.
func inNamespaces(l launch, f func() error) error {
	if l.netns == "" {
		return f()
	}
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		result <- func() error {
			if err := enterNetns(l.netns); err != nil {
				return err
			}
			if err := unix.Unshare(unix.CLONE_NEWNS | unix.CLONE_NEWUTS); err != nil {
				return fmt.Errorf("unshare: %w", err)
			}
			// Slave, not private: when a namespace's name is unmounted elsewhere, it goes here too.
			if err := unix.Mount("", "/", "", unix.MS_SLAVE|unix.MS_REC, ""); err != nil {
				return fmt.Errorf("make mounts slaves: %w", err)
			}
			if l.root != "" {
				if err := makeRoot(l.root, l.volumes); err != nil {
					return fmt.Errorf("root folder: %w", err)
				}
			}
			for over, file := range l.mounts {
				if real, err := filepath.EvalSymlinks(over); err == nil {
					over = real
				}
				if err := unix.Mount(file, filepath.Join(l.root, over), "", unix.MS_BIND, ""); err != nil {
					return fmt.Errorf("mount %s: %w", over, err)
				}
			}
			if err := unix.Sethostname([]byte(l.hostname)); err != nil {
				return fmt.Errorf("set host name: %w", err)
			}
			return f()
		}()
	}()
	return <-result
}

func enterNetns(path string) error {
	ns, err := os.Open(path)
	if err != nil {
		return err
	}
	defer ns.Close()
	if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("enter %s: %w", path, err)
	}
	return nil
}

// adoptProcess takes over a process that another agent started; nil when it is gone.
func adoptProcess(pid int, start uint64) *process {
	pidfd, err := openPidfd(pid)
	if err != nil {
		return nil
	}
	if !alive(pid, start) { // asked after the open: from here on the pid cannot be another's
		pidfd.Close()
		return nil
	}
	p := &process{pid: pid, start: start, done: make(chan struct{}), code: unknownExit}
	go func() {
		awaitEnd(pidfd)
		killSession(p.pid)
		close(p.done)
	}()
	return p
}

func openPidfd(pid int) (*os.File, error) {
	fd, err := unix.PidfdOpen(pid, unix.PIDFD_NONBLOCK)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "pidfd"), nil
}

// awaitEnd waits for a process without keeping a thread, as a wait for a child would. It closes the file.
func awaitEnd(pidfd *os.File) {
	defer pidfd.Close()
	raw, err := pidfd.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Read(func(fd uintptr) bool {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
		return n > 0 || (err != nil && !errors.Is(err, unix.EINTR))
	})
}

// signal reaches the container's first process alone, as in a container.
func (p *process) signal(s syscall.Signal) {
	if alive(p.pid, p.start) {
		_ = unix.Kill(p.pid, s)
	}
}

// kill ends the process and its children at once.
func (p *process) kill() {
	if alive(p.pid, p.start) {
		killSession(p.pid)
	}
}

func (p *process) finished() <-chan struct{} { return p.done }

func exitCode(s *os.ProcessState) int {
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return s.ExitCode()
}

// findProgram looks a bare name up in the container's PATH, not in the agent's.
func findProgram(name, path string) (string, error) {
	if strings.Contains(name, "/") {
		return exec.LookPath(name)
	}
	for _, dir := range filepath.SplitList(path) {
		if found, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return found, nil
		}
	}
	return "", fmt.Errorf("%s: %w", name, exec.ErrNotFound)
}
