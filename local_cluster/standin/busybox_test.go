package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"strconv"
	"testing"
)

func TestAnInitContainerWaitsForAPort(t *testing.T) {
	open := start(t, "team/cart:v1", nil).Listener.Addr().String()
	wait := func(port string) error {
		script := `nc -z -w 2 127.0.0.1 ` + port + ` || exit 3; exit 0`
		command := exec.Command(os.Args[0], "busybox", "sh", "-c", script)
		command.Env = append(os.Environ(), "PLAY_STANDIN=1")
		return command.Run()
	}
	if err := wait(portOf(open)); err != nil {
		t.Errorf("an open port: %v", err)
	}
	if err := wait(strconv.Itoa(freePort(t))); err == nil || err.Error() != "exit status 3" {
		t.Errorf("a closed port: %v", err)
	}
}

func TestWhatIsNotPlayedOfBusyboxIsSaid(t *testing.T) {
	for _, args := range [][]string{{"busybox", "sleep", "1"}, {"nc", "host", "80"}, {"nc", "-z", "host"}} {
		var log bytes.Buffer
		expect(t, args[0], run(args, nil, nil, io.Discard, &log), exitUsage)
		expectContains(t, log.String(), "played here")
	}
}
