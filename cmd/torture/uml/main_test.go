//go:build linux && amd64

package uml_test

import (
	"fmt"
	"os"
	"testing"

	"flightrec/cmd/torture/uml"
)

// scratch is a folder for what the tests share.
var scratch string

func TestMain(m *testing.M) {
	uml.Guest()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "flightrec-uml-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	scratch = dir
	return m.Run()
}
