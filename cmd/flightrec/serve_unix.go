//go:build !windows

package main

import (
	"errors"
	"syscall"
)

// isRefused reports whether nobody listens on a socket any more.
func isRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
