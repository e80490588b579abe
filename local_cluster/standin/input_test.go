package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestWrongInputIsRefusedWithKeyValueAndRule(t *testing.T) {
	serve := []string{"serve", "--image", bookinfoImages + "productpage-v1:1"}
	for _, row := range []struct {
		args     []string
		env      env
		expected string
	}{
		{[]string{"launch"}, env{}, `unknown subcommand "launch": must be serve or client`},
		{[]string{"serve"}, env{}, `flag --image has the value "": must name an image`},
		{[]string{"serve", "--image", bookinfoImages + "reviews-v4:1"}, env{}, `must be reviews v1, v2 or v3`},
		{[]string{"serve", "--colour", "red"}, env{}, `flag provided but not defined: -colour`},
		{[]string{"client", "now"}, env{}, `client: unexpected argument "now"`},
		{append(serve, "--port", "0"), env{}, `flag --port has the value "0": must be a whole number from 1 to 65535`},
		{serve, env{"PORT": "http"}, `environment variable PORT has the value "http": must be a whole number from 1 to 65535`},
		{serve, env{"FAIL_PERCENT": "101"}, `FAIL_PERCENT has the value "101": must be a number from 0 to 100`},
		{serve, env{"FAIL_PERCENT": "NaN"}, `FAIL_PERCENT has the value "NaN": must be a number from 0 to 100`},
		{serve, env{"FAIL_PERCENT": "5", "FAIL_STATUS": "200"}, `FAIL_STATUS has the value "200": must be a whole number from 400 to 599`},
		{serve, env{"FAIL_STATUS": "503"}, `FAIL_STATUS has the value "503": has no effect without FAIL_PERCENT`},
		{serve, env{"DELAY_PERCENT": "5"}, `DELAY_PERCENT has the value "5": has no effect without DELAY_MS`},
		{serve, env{"DELAY_MS": "1.5"}, `DELAY_MS has the value "1.5": must be a whole number from 0 to 86400000`},
		{serve, env{"UNHEALTHY": "maybe"}, `UNHEALTHY has the value "maybe": must be 1, true, 0 or false`},
		{serve, env{"REVIEWS_HOSTNAME": "a b"}, `REVIEWS_HOSTNAME has the value "a b": must be a host name`},
		{serve, env{"FLOOD_FACTOR": "-1"}, `FLOOD_FACTOR has the value "-1": must be a whole number from 0 to 1000`},
		{serve, env{"PORT": "0", "DRAIN_MS": "x"}, `environment variable DRAIN_MS has the value "x"`},
	} {
		var out, errs bytes.Buffer
		code := run(row.args, row.env.lookup, nil, &out, &errs)
		expect(t, row.expected+": exit code", code, exitUsage)
		expectContains(t, errs.String(), row.expected)
		expect(t, "output", out.String(), "")
	}
}

func TestAllProblemsAreReportedAtOnce(t *testing.T) {
	var out, errs bytes.Buffer
	run([]string{"serve", "--image", "cart"}, env{"PORT": "x", "FAIL_PERCENT": "x", "DRAIN_MS": "x"}.lookup, nil, &out, &errs)
	expect(t, "lines", strings.Count(errs.String(), "has the value"), 3)
}

func TestHelpNamesBothSubcommandsAndEveryVariable(t *testing.T) {
	var out, errs bytes.Buffer
	expect(t, "exit code", run([]string{"--help"}, env{}.lookup, nil, &out, &errs), exitOK)
	for _, word := range []string{"standin serve", "standin client", "FAIL_PERCENT", "DELAY_MS", "READY_AFTER_MS",
		"CRASH_AFTER_MS", "UNHEALTHY", "DRAIN_MS", "SERVICE_VERSION", "SERVICES_DOMAIN", "FLOOD_FACTOR", "ANSWER_BODY"} {
		expectContains(t, out.String(), word)
	}
	expect(t, "errors", errs.String(), "")
}
