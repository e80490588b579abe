package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"
)

func program(t *testing.T, options map[string]any) *pulumirpc.ProgramInfo {
	t.Helper()
	folder := t.TempDir()
	o, err := structpb.NewStruct(options)
	if err != nil {
		t.Fatal(err)
	}
	return &pulumirpc.ProgramInfo{RootDirectory: folder, ProgramDirectory: folder, EntryPoint: ".", Options: o}
}

func TestAVirtualEnvironmentIsRelativeToTheProject(t *testing.T) {
	info := program(t, map[string]any{"virtualenv": "venv"})

	_, venv, err := runtimeOptions(info)

	if want := filepath.Join(info.RootDirectory, "venv"); err != nil || venv != want {
		t.Errorf("got %q, %v; want %q", venv, err, want)
	}
}

func TestUvHasItsUsualEnvironment(t *testing.T) {
	info := program(t, map[string]any{"toolchain": "uv"})

	_, venv, err := runtimeOptions(info)

	if want := filepath.Join(info.RootDirectory, ".venv"); err != nil || venv != want {
		t.Errorf("got %q, %v; want %q", venv, err, want)
	}
}

func TestAnUnknownToolchainIsRefusedByName(t *testing.T) {
	_, _, err := runtimeOptions(program(t, map[string]any{"toolchain": "poetry"}))

	if err == nil || !strings.Contains(err.Error(), `"poetry"`) {
		t.Errorf("got %v", err)
	}
}

func TestAnEnvironmentComesFirstOnThePath(t *testing.T) {
	py := &python{exe: "python", venv: "/project/venv"}

	env := py.command(t.Context(), "", []string{"PATH=/usr/bin", "A=b"}).Env

	for _, want := range []string{"PATH=/project/venv/bin:/usr/bin", "VIRTUAL_ENV=/project/venv", "A=b"} {
		if !slices.Contains(env, want) {
			t.Errorf("%s is not among %v", want, env)
		}
	}
}

func TestRequirementsAreInstalledIntoAnEnvironmentThatIsMadeFirst(t *testing.T) {
	info := program(t, map[string]any{"virtualenv": "venv"})
	requirements := filepath.Join(info.RootDirectory, "requirements.txt")
	if err := os.WriteFile(requirements, nil, 0o644); err != nil {
		t.Fatal(err)
	}

	steps, err := installSteps(info)

	if err != nil || len(steps) != 2 {
		t.Fatalf("got %v, %v", steps, err)
	}
	if made := strings.Join(steps[0][1:], " "); made != "-m venv "+filepath.Join(info.RootDirectory, "venv") {
		t.Errorf("the first step is %q", made)
	}
	if installed := strings.Join(steps[1][1:], " "); installed != "-m pip install -r requirements.txt" {
		t.Errorf("the second step is %q", installed)
	}
}

func TestConfigIsWrittenAsJSON(t *testing.T) {
	if got := jsonVariable("A", map[string]string{"k": "v"}, "{}"); got != `A={"k":"v"}` {
		t.Error(got)
	}
	if got := jsonVariable("A", []string(nil), "[]"); got != "A=[]" {
		t.Error(got)
	}
}
