package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

var long = flag.Bool("long", false, "run the long forms of the tests that have them: ten years, a minute")

// program is the built binary, which most tests here drive from outside.
var program string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "flightrec-bin-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		os.Chmod(dir, 0o755) // other users run it
		program = filepath.Join(dir, "flightrec")
		build := exec.Command("go", append(append([]string{"build"}, raceFlags...), "-o", program, ".")...)
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "building flightrec:", err)
			return 1
		}
		return m.Run()
	}())
}
