//go:build integration

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// runInRoot starts a shell command in the test's own network namespace, as nobody, and answers what it printed.
func runInRoot(t *testing.T, dir, command string, volumes ...mountPoint) string {
	t.Helper()
	output, err := os.Create(filepath.Join(dir, "output"))
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	p, err := startProcess(launch{
		argv: []string{"sh", "-c", command}, env: environment{"PATH": machinePath}, dir: dir, uid: nobody,
		netns: filepath.Join(netnsDir, os.Getenv("TEST_NETNS")), volumes: volumes, hostname: "test", output: output,
	})
	if err != nil {
		t.Fatal(err)
	}
	<-p.done
	text, _ := os.ReadFile(output.Name())
	return string(text)
}

func aFolder(t *testing.T, file, text string) string {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAProcessSeesVolumesAtPathsThatTheMachineLacks(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	said := runInRoot(t, dir,
		"cat /nowhere/deep/a /etc/nowhere/b /var/run/nowhere/c /etc/nowhere/one; test -e /etc/passwd && test -d /proc/1 && echo whole",
		mountPoint{path: "/nowhere/deep", source: aFolder(t, "a", "1"), readOnly: true},
		mountPoint{path: "/etc/nowhere", source: aFolder(t, "b", "2")},
		mountPoint{path: "/var/run/nowhere", source: aFolder(t, "c", "3")},
		mountPoint{path: "/etc/nowhere/one", source: filepath.Join(aFolder(t, "d", "4"), "d")},
	)

	if said != "1234whole\n" {
		t.Errorf("it saw %q", said)
	}
	for _, path := range []string{"/nowhere", "/etc/nowhere", "/run/nowhere"} {
		if _, err := os.Lstat(path); err == nil {
			t.Errorf("%s is left on the machine", path)
		}
	}
}

func TestAReadOnlyVolumeIsReadOnly(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	said := runInRoot(t, dir, "touch /open/x && echo written; touch /closed/x || echo refused",
		mountPoint{path: "/open", source: aFolder(t, "a", "")},
		mountPoint{path: "/closed", source: aFolder(t, "a", ""), readOnly: true},
	)

	if !strings.HasPrefix(said, "written\n") || !strings.HasSuffix(said, "refused\n") {
		t.Errorf("it said %q", said)
	}
}

// open lets other users reach a folder of the test.
func open(t *testing.T, dir string) {
	for ; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}
