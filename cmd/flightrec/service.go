package main

import (
	"context"
	"errors"

	"flightrec/journal/clock"
)

// order is what a system's service manager told a service that is to end: the cause
// of its context's end, and so the reason of its landing.
type order struct {
	reason string
	down   bool // the machine is going down
}

func (o order) Error() string { return o.reason }

// Windows' service controls that end a service.
const (
	controlStop        = 1
	controlShutdown    = 5
	controlPreShutdown = 15
)

// orderOf returns the order that a control of Windows' service manager is, and
// reports whether it is one.
func orderOf(control uint32) (order, bool) {
	switch control {
	case controlStop:
		return order{"service stop", false}, true
	case controlShutdown, controlPreShutdown:
		return order{"system shutdown", true}, true
	}
	return order{}, false
}

// goingDown returns what tells a landing whether the machine is going down: the
// service manager's order, if that was what ended flying, or else the system.
func goingDown(flying context.Context) func(context.Context) (down, known bool, to string) {
	return func(ctx context.Context) (down, known bool, to string) {
		var o order
		if errors.As(context.Cause(flying), &o) {
			return o.down, true, ""
		}
		return clock.GoingDown(ctx)
	}
}
