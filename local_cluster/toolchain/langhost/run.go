package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"

	sdk "github.com/pulumi/pulumi/sdk/v3"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Run runs a program to its end. The program writes to our own output, which the engine shows.
func (h *host) Run(ctx context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	if req.AttachDebugger {
		return nil, errNoDebugger
	}
	ctx, done := h.operation(ctx)
	defer done()
	py, err := findPython(req.Info)
	if err != nil {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
	script, err := entryScript()
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	engine := h.engine
	h.mu.Unlock()

	args := []string{"-u", "-c", launcher, script}
	for _, option := range [][2]string{
		{"--engine", engine},
		{"--monitor", req.MonitorAddress},
		{"--project", req.Project},
		{"--stack", req.Stack},
		{"--organization", req.Organization},
		{"--root_directory", req.Info.RootDirectory},
		{"--pwd", req.Pwd},
		{"--dry_run", strconv.FormatBool(req.DryRun)},
		{"--parallel", strconv.Itoa(int(req.Parallel))},
		{"--tracing", h.tracing},
	} {
		if option[1] != "" {
			args = append(args, option[0]+"="+option[1])
		}
	}
	args = append(append(args, programPath(req.Info)), req.Args...)
	cmd := py.command(ctx, req.Pwd, os.Environ(), args...)
	cmd.Env = append(cmd.Env, jsonVariable("PULUMI_CONFIG", req.Config, "{}"),
		jsonVariable("PULUMI_CONFIG_SECRET_KEYS", req.ConfigSecretKeys, "[]"))
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr

	code, err := exitCode(ctx, cmd.Run())
	switch {
	case err != nil:
		return nil, err
	case code == 0:
		return &pulumirpc.RunResponse{}, nil
	case code == 32: // the launcher's, and the entry script's: the user has seen the error
		return &pulumirpc.RunResponse{Bail: true}, nil
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("the Python program ended with status %d", code)}, nil
	}
}

// RunPlugin runs a policy pack or another plugin until it ends or the engine drops the call.
func (h *host) RunPlugin(req *pulumirpc.RunPluginRequest, srv pulumirpc.LanguageRuntime_RunPluginServer) error {
	if req.AttachDebugger {
		return errNoDebugger
	}
	ctx, done := h.operation(srv.Context())
	defer done()
	py, err := findPython(req.Info)
	if err != nil {
		return status.Error(codes.FailedPrecondition, err.Error())
	}
	var sending sync.Mutex // a stream takes one message at a time
	send := func(message *pulumirpc.RunPluginResponse) error {
		sending.Lock()
		defer sending.Unlock()
		return srv.Send(message)
	}
	stdout := writer(func(b []byte) error {
		return send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Stdout{Stdout: b}})
	})
	stderr := writer(func(b []byte) error {
		return send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Stderr{Stderr: b}})
	})

	if req.Kind == "analyzer" {
		err = runPolicyPack(ctx, py, req, stdout, stderr)
	} else {
		cmd := py.command(ctx, req.Pwd, req.Env, append([]string{"-u", programPath(req.Info)}, req.Args...)...)
		cmd.Stdout, cmd.Stderr = stdout, stderr
		err = cmd.Run()
	}
	code, err := exitCode(ctx, err)
	if err != nil {
		return err
	}
	return send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: int32(code)}})
}

// runPolicyPack runs a pulumi_policy pack. The engine configures an analyzer that serves already, but pulumi_policy
// reads stack and config from the environment it starts with: the SDK's proxy serves until they are known.
func runPolicyPack(
	ctx context.Context, py *python, req *pulumirpc.RunPluginRequest, stdout, stderr io.Writer,
) error {
	proxy, packOut, err := sdk.NewPolicyProxy(ctx, stdout)
	if err != nil {
		return err
	}
	stack, err := proxy.AwaitConfiguration(ctx)
	if err != nil {
		return err
	}
	args := append([]string{"-u", "-m", "pulumi.policy"}, req.Args...) // the last of them is the engine's address
	cmd := py.command(ctx, req.Info.ProgramDirectory, req.Env, append(args, programPath(req.Info))...)
	cmd.Stdout, cmd.Stderr = packOut, stderr
	if stack != nil { // nil where there is no stack, as in `pulumi policy publish`
		cmd.Env = append(cmd.Env,
			"PULUMI_ORGANIZATION="+stack.Organization,
			"PULUMI_PROJECT="+stack.Project,
			"PULUMI_STACK="+stack.Stack,
			"PULUMI_DRY_RUN="+strconv.FormatBool(stack.DryRun),
			jsonVariable("PULUMI_CONFIG", stack.Config, "{}"))
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	return proxy.Attach(ctx, cmd)
}

var errNoDebugger = status.Error(codes.Unimplemented, "this Python language host cannot attach a debugger")

// writer makes an io.Writer of a function that sends bytes.
type writer func([]byte) error

func (w writer) Write(b []byte) (int, error) {
	if err := w(b); err != nil {
		return 0, err
	}
	return len(b), nil
}
