//go:build !manual

package main

import (
	"context"
	"fmt"
	"os"
)

func main() {
	err := run(context.Background(), os.Args, os.Stdin, os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprint(os.Stderr, complaint(err))
	}
	os.Exit(exitCode(err))
}
