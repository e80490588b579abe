package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"
)

// newHost is a host whose entry script is this Python text: it stands in for the SDK's, which needs an engine.
func newHost(t *testing.T, script string) (*host, *pulumirpc.ProgramInfo) {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, "pulumi-language-python-exec")
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder+":"+os.Getenv("PATH"))
	h := &host{engine: "127.0.0.1:1"}
	h.live, h.cancel = context.WithCancel(context.Background())
	return h, &pulumirpc.ProgramInfo{RootDirectory: folder, ProgramDirectory: folder, EntryPoint: "."}
}

func run(t *testing.T, h *host, info *pulumirpc.ProgramInfo) *pulumirpc.RunResponse {
	t.Helper()
	response, err := h.Run(context.Background(), &pulumirpc.RunRequest{
		Project: "demo", Stack: "dev", MonitorAddress: "127.0.0.1:2", Pwd: info.RootDirectory, Info: info, Parallel: 3,
		DryRun: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func TestAProgramIsToldEngineProjectAndStack(t *testing.T) {
	h, info := newHost(t, `
import sys, pathlib
pathlib.Path("seen").write_text("\n".join(sys.argv[1:]))
`)
	response := run(t, h, info)

	if response.Error != "" || response.Bail {
		t.Fatalf("got %v", response)
	}
	seen, err := os.ReadFile(filepath.Join(info.RootDirectory, "seen"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"--engine=127.0.0.1:1", "--monitor=127.0.0.1:2", "--project=demo", "--stack=dev", "--dry_run=true", "--parallel=3",
	} {
		if !strings.Contains(string(seen), want) {
			t.Errorf("%s is not among %q", want, seen)
		}
	}
}

func TestEmptyConfigIsNeverNull(t *testing.T) {
	h, info := newHost(t, `
import os, sys
sys.exit((os.environ["PULUMI_CONFIG"], os.environ["PULUMI_CONFIG_SECRET_KEYS"]) != ("{}", "[]"))
`)
	if response := run(t, h, info); response.Error != "" {
		t.Error(response.Error)
	}
}

func TestAProgramThatFailsIsReportedByItsStatus(t *testing.T) {
	h, info := newHost(t, "import sys; sys.exit(7)")

	if response := run(t, h, info); !strings.Contains(response.Error, "status 7") || response.Bail {
		t.Errorf("got %v", response)
	}
}

func TestAnErrorThatTheProgramHasShownIsReportedNoMore(t *testing.T) {
	h, info := newHost(t, "import sys; sys.exit(32)")

	if response := run(t, h, info); response.Error != "" || !response.Bail {
		t.Errorf("got %v", response)
	}
}

func TestAnErrorShownThroughThePulumiLogEndsAsShown(t *testing.T) {
	h, info := newHost(t, "import pulumi, sys; pulumi.log.error('told'); sys.exit(1)")
	sdk := filepath.Join(info.RootDirectory, "sdk", "pulumi")
	if err := os.MkdirAll(sdk, 0o755); err != nil {
		t.Fatal(err)
	}
	module := "class log:\n    error = staticmethod(lambda text: None)\n"
	if err := os.WriteFile(filepath.Join(sdk, "__init__.py"), []byte(module), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PYTHONPATH", filepath.Dir(sdk))

	if response := run(t, h, info); !response.Bail {
		t.Errorf("got %v", response)
	}
}

func TestCancelEndsTheProgramThatRuns(t *testing.T) {
	h, info := newHost(t, "import pathlib, time; pathlib.Path('started').touch(); time.sleep(60)")
	ended := make(chan error)
	go func() {
		_, err := h.Run(context.Background(), &pulumirpc.RunRequest{Pwd: info.RootDirectory, Info: info})
		ended <- err
	}()
	for !isFile(filepath.Join(info.RootDirectory, "started")) {
		time.Sleep(10 * time.Millisecond)
	}
	if _, err := h.Cancel(context.Background(), nil); err != nil {
		t.Fatal(err)
	}

	if err := <-ended; err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("got %v", err)
	}
}

func TestPluginsOfImportablePackagesAreRequired(t *testing.T) {
	h, info := newHost(t, "")
	packages := filepath.Join(info.RootDirectory, "packages")
	for name, plugin := range map[string]string{
		"pulumi_kubernetes": `{"resource": true, "name": "kubernetes", "version": "4.25.0"}`,
		"pulumi_policy":     `{"resource": false}`,
	} {
		if err := os.MkdirAll(filepath.Join(packages, name), 0o755); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(packages, name, "pulumi-plugin.json")
		if err := os.WriteFile(file, []byte(plugin), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PYTHONPATH", packages)

	got, err := h.GetRequiredPackages(context.Background(), &pulumirpc.GetRequiredPackagesRequest{Info: info})

	if err != nil {
		t.Fatal(err)
	}
	for _, p := range got.Packages {
		if p.Name == "kubernetes" && p.Version == "4.25.0" && p.Kind == "resource" {
			return
		}
	}
	t.Errorf("got %v", got)
}

func TestAVirtualEnvironmentThatIsNoneIsNamed(t *testing.T) {
	h, info := newHost(t, "")
	info.Options, _ = structpb.NewStruct(map[string]any{"virtualenv": "venv"})

	if response := run(t, h, info); !strings.Contains(response.Error, "which is not a Python virtual environment") {
		t.Errorf("got %v", response)
	}
}
