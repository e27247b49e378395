package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"flightrec/journal/recorder"

	sd "github.com/coreos/go-systemd/v22/daemon"
	"github.com/coreos/go-systemd/v22/journal"
)

// stderrIsJournal reports whether systemd's journal reads stderr (systemd.exec(5):
// $JOURNAL_STREAM).
func stderrIsJournal() bool {
	ours, err := journal.StderrIsJournalStream()
	return ours && err == nil
}

const (
	// watchdogGaps is how many intervals may pass without a heartbeat before systemd
	// ends the recorder, watchdogLeast how much time in any case: one write to a slow
	// card takes seconds.
	watchdogGaps  = 3
	watchdogLeast = 30 * time.Second
)

// serviceManager returns what tells systemd of each heartbeat (sd_notify(3)), nil
// where no systemd listens. A heartbeat says that the service is ready, feeds the
// watchdog and changes the status line, so that nothing else wakes up for it. Nobody
// waits for systemd: what it doesn't take at once is left out.
func serviceManager() func(recorder.State) {
	if os.Getenv("NOTIFY_SOCKET") == "" {
		return nil
	}
	messages := make(chan string, 1)
	go func() {
		for m := range messages {
			sd.SdNotify(false, m) // the next heartbeat tries again
		}
	}()
	return func(s recorder.State) {
		select {
		case messages <- notification(s):
		default:
		}
	}
}

// notification puts a flight's state as systemd reads it.
func notification(s recorder.State) string {
	lines := []string{
		sd.SdNotifyWatchdog,
		fmt.Sprintf("WATCHDOG_USEC=%d", max(watchdogGaps*s.Interval, watchdogLeast).Microseconds()),
	}
	if s.Err != nil {
		return strings.Join(append(lines, fmt.Sprintf("STATUS=%s: heartbeats can't be written: %s", s.Lane, printable(s.Err.Error()))), "\n")
	}
	return strings.Join(append(lines, sd.SdNotifyReady,
		fmt.Sprintf("STATUS=aloft since %s, clock %v, %s", s.Takeoff.UTC().Format("2006-01-02 15:04:05 MST"), s.Sync, s.Lane)), "\n")
}
