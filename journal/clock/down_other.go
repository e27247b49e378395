//go:build !linux && !freebsd && !dragonfly

package clock

import "context"

// GoingDown never knows whether the machine is going down: this system doesn't say.
func GoingDown(context.Context) (down, known bool, to string) { return false, false, "" }
