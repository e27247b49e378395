//go:build linux && amd64

package uml_test

import (
	"os"
	"syscall"
	"testing"
	"time"

	"flightrec/journal/clock/uml"
)

func TestZZ(t *testing.T) {
	go func() {
		d, _ := time.ParseDuration(os.Getenv("ZZ"))
		time.Sleep(d)
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}()
	m := uml.Boot(t, uml.Config{Systemd: os.Getenv("ZS") != ""})
	t.Log(m.Run("sleep", "20"))
}
