package main

import (
	"errors"
	"fmt"
)

// The exit codes that users' scripts hang on; 0 is done.
const (
	exitFailed  = 1 // it could not
	exitUsage   = 2 // it was called wrongly
	exitPartial = 3 // done, but part of the journal or dump could not be read
)

// usageError is a call that makes no sense.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// errPartial ends a command that told on stderr already what it couldn't read.
var errPartial = errors.New("part could not be read")

// hintError is an error with what to do about it.
type hintError struct {
	error
	hint string
}

func (e hintError) Unwrap() error { return e.error }

// hinted gives a usage error that has no hint this one.
func hinted(err error, hint string) error {
	var usage usageError
	if has := new(hintError); errors.As(err, has) || !errors.As(err, &usage) {
		return err
	}
	return hintError{err, hint}
}

// complaint returns what stderr shows of an error: a line, and a hint on a line of
// its own where there is something to do.
func complaint(err error) string {
	var state pluginState
	if err == errPartial || errors.As(err, &state) {
		return ""
	}
	text := "flightrec: " + printable(err.Error()) + "\n"
	var hint hintError
	if errors.As(err, &hint) {
		text += hint.hint + "\n"
	}
	return text
}

func exitCode(err error) int {
	var usage usageError
	var state pluginState
	switch {
	case err == nil:
		return 0
	case errors.As(err, &state):
		return int(state)
	case errors.As(err, &usage):
		return exitUsage
	case err == errPartial:
		return exitPartial
	}
	return exitFailed
}
