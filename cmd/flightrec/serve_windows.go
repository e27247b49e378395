package main

import (
	"errors"

	"golang.org/x/sys/windows"
)

// isRefused reports whether nobody listens on a socket any more.
func isRefused(err error) bool { return errors.Is(err, windows.WSAECONNREFUSED) }
