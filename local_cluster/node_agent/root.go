package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// mountPoint is a file or folder of the machine that one process sees at a path of its own.
type mountPoint struct {
	path     string // as the process sees it
	source   string
	readOnly bool
}

// privateRoot is a root folder for one process: everything that the machine has, under the same names, and volumes at
// paths that the machine need not have. It exists in the mounts of the calling thread alone, which have to be its own.
type privateRoot struct {
	dir    string          // an empty folder
	copied map[string]bool // folders of the machine whose entries are bound one by one, so that others fit between
}

// makeRoot makes the root at an empty folder, with the mounts in it.
func makeRoot(dir string, mounts []mountPoint) error {
	r := privateRoot{dir: dir, copied: map[string]bool{}}
	if err := r.copyEntries("/"); err != nil {
		return err
	}
	for _, m := range slices.SortedFunc(slices.Values(mounts), byPath) {
		if err := r.mount(m); err != nil {
			return fmt.Errorf("mount %s: %w", m.path, err)
		}
	}
	return nil
}

func byPath(a, b mountPoint) int { return strings.Compare(a.path, b.path) }

// copyEntries puts a folder of its own over one of the machine's, and into it everything that the machine has there.
func (r *privateRoot) copyEntries(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	over := filepath.Join(r.dir, folder)
	if err := unix.Mount("pod", over, "tmpfs", 0, "mode=755"); err != nil {
		return err
	}
	// Unbindable: the machine's folders are bound with what is mounted in them, and this root lies in one of them.
	if err := unix.Mount("", over, "", unix.MS_UNBINDABLE, ""); err != nil {
		return err
	}
	r.copied[folder] = true
	for _, e := range entries {
		if err := r.copyEntry(filepath.Join(folder, e.Name()), e.Type()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: %w", e.Name(), err)
		}
	}
	return nil
}

func (r *privateRoot) copyEntry(path string, kind fs.FileMode) error {
	over := filepath.Join(r.dir, path)
	switch {
	case kind&fs.ModeSymlink != 0:
		target, err := os.Readlink(path)
		if err != nil {
			return err
		}
		return os.Symlink(target, over)
	case kind.IsDir():
		if err := os.Mkdir(over, 0o755); err != nil {
			return err
		}
		return unix.Mount(path, over, "", unix.MS_BIND|unix.MS_REC, "")
	}
	return bindFile(path, over)
}

// mount puts a file or folder at its path. Folders on the way that the machine lacks are made.
func (r *privateRoot) mount(m mountPoint) error {
	exists, missing := split(filepath.Clean(m.path))
	if missing != "" && !r.copied[exists] && strings.HasPrefix(exists, "/") {
		if err := r.copyEntries(exists); err != nil {
			return err
		}
	}
	over := filepath.Join(r.dir, exists, missing)
	info, err := os.Stat(m.source)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		if err := os.MkdirAll(over, 0o755); err != nil {
			return err
		}
		err = unix.Mount(m.source, over, "", unix.MS_BIND, "")
	default:
		if err := os.MkdirAll(filepath.Dir(over), 0o755); err != nil {
			return err
		}
		err = bindFile(m.source, over)
	}
	if err != nil || !m.readOnly {
		return err
	}
	return unix.Mount("", over, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, "")
}

func bindFile(source, over string) error {
	f, err := os.OpenFile(over, os.O_CREATE|os.O_RDONLY, 0o644)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	f.Close()
	return unix.Mount(source, over, "", unix.MS_BIND, "")
}

// split parts a path into the longest beginning that the machine has, links followed, and the rest.
func split(path string) (exists, missing string) {
	for folder := path; ; folder = filepath.Dir(folder) {
		if real, err := filepath.EvalSymlinks(folder); err == nil {
			return real, strings.Trim(strings.TrimPrefix(path, folder), "/")
		}
	}
}
