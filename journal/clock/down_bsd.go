//go:build freebsd || dragonfly

package clock

import (
	"context"
	"os"
)

// GoingDown reports whether the machine is going down, and whether that is known:
// shutdown(8) forbids logins before it ends the system. reboot(8) doesn't.
func GoingDown(context.Context) (down, known bool, to string) {
	_, err := os.Stat("/var/run/nologin")
	return err == nil, err == nil, ""
}
