// Package early hears the signals that a recorder heeds before the rest of the program has
// begun: a SIGHUP at that time would end it, and the libraries take tens of milliseconds to
// begin on a slow board.
//
// It needs little of the standard library, and its path sorts before those of the
// libraries. So it begins before nearly all of them (The Go Programming Language
// Specification, Program initialization).
package early

import (
	"os"
	"os/signal"
	"syscall"
)

var heard = make(chan os.Signal, 4)

func init() {
	if len(os.Args) > 1 && os.Args[1] == "record" {
		signal.Notify(heard, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	}
}

// Take ends the hearing, and returns the signals that came since the program began. Who
// calls it must have registered for them before.
func Take() (signals []os.Signal) {
	signal.Stop(heard)
	for {
		select {
		case s := <-heard:
			signals = append(signals, s)
		default:
			return signals
		}
	}
}
