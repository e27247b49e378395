package clock

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// reads is a timer whose Reads end as listed, and then for good.
type reads []error

func (r *reads) Read(p []byte) (int, error) {
	if len(*r) == 0 {
		return 0, os.ErrClosed
	}
	err := (*r)[0]
	*r = (*r)[1:]
	return len(p), err
}

func TestNotify(t *testing.T) {
	canceled := &os.PathError{Op: "read", Path: "timerfd", Err: unix.ECANCELED}
	tests := []struct {
		name  string
		reads reads
		want  int
	}{
		{"closed", nil, 0},
		{"stepped", reads{canceled}, 1},
		{"stepped twice, none taken", reads{canceled, canceled}, 1},
		{"went off", reads{nil}, 0},
		{"went off, then stepped", reads{nil, canceled}, 1},
		{"broken, never read again", reads{io.ErrUnexpectedEOF, canceled}, 0},
	}
	for _, tt := range tests {
		events := make(chan struct{}, 1)
		notify(&tt.reads, events)
		if len(events) != tt.want {
			t.Errorf("%s: %d events, want %d", tt.name, len(events), tt.want)
		}
	}
}

// timers counts the process's open timerfds.
func timers(t *testing.T) int {
	t.Helper()
	links, err := filepath.Glob("/proc/self/fd/*")
	if err != nil || len(links) == 0 {
		t.Fatalf("listing open files: %v", err)
	}
	n := 0
	for _, link := range links {
		if to, _ := os.Readlink(link); to == "anon_inode:[timerfd]" {
			n++
		}
	}
	return n
}

func TestWatchEndsWithContext(t *testing.T) {
	before := timers(t)
	ctx, cancel := context.WithCancel(t.Context())
	events := Watch(ctx)
	if events == nil {
		t.Fatal("no timer to watch the clock by")
	}
	if n := timers(t); n != before+1 {
		t.Errorf("%d timers open while watching, want %d", n, before+1)
	}
	select {
	case <-events:
		t.Error("an event, and nobody stepped the clock")
	default:
	}
	cancel()
	for range 1000 {
		if timers(t) == before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the timer is still open")
}
