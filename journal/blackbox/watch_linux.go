package blackbox

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// rest is how long a watch sleeps after an attribute has notified: what notifies all the
// time wakes the machine no more often.
const rest = time.Second

// settling is how long, and how often, a watch looks for attributes of drivers that are
// still to be loaded.
const (
	settling = time.Minute
	lookAnew = 20 * time.Second
)

// Watch returns a channel that gets a value when an alarm has risen, as attributes of sysfs
// and cgroups notify who waits for them with poll(2). It ends with ctx, and is never
// closed. Plain files notify nobody.
func Watch(ctx context.Context, root string) <-chan struct{} {
	events := make(chan struct{}, 1)
	go func() {
		w := watcher{patterns: []string{root + voltageFiles, root + killFiles}, files: map[string]*os.File{}, told: map[string]string{}}
		defer w.close()
		w.run(ctx, events)
	}()
	return events
}

// watcher waits for attributes.
type watcher struct {
	patterns []string // of the attributes' names
	files    map[string]*os.File
	told     map[string]string // what matters of each, as it was
}

// run waits until ctx ends, or nothing was found to wait for.
func (w *watcher) run(ctx context.Context, events chan<- struct{}) {
	stop, stopped, err := os.Pipe()
	if err != nil {
		return
	}
	defer stop.Close()
	context.AfterFunc(ctx, func() { stopped.Close() })
	for began := time.Now(); ctx.Err() == nil; {
		wait := -1
		if time.Since(began) < settling {
			w.open()
			wait = int(lookAnew.Milliseconds())
		} else if len(w.files) == 0 {
			return
		}
		names, ready := w.poll(int(stop.Fd()), wait)
		risen := false
		for _, name := range names {
			risen = w.risen(name) || risen
		}
		if risen {
			select {
			case events <- struct{}{}:
			default: // one waits already
			}
		}
		if ready {
			time.Sleep(rest)
		}
	}
}

// The attributes that notify: the supply's alarms, and what counts the kills for lack of
// memory in the machine's slices.
const (
	voltageFiles = "/sys/class/hwmon/hwmon*/in*_alarm"
	killFiles    = "/sys/fs/cgroup/*/memory.events"
)

// open opens the attributes that there are. Reading them is what makes them notify.
func (w *watcher) open() {
	for _, pattern := range w.patterns {
		names, _ := filepath.Glob(pattern) // fails for a wrong pattern alone
		for _, name := range names {
			if w.files[name] != nil {
				continue
			}
			if f, err := os.Open(name); err == nil {
				w.files[name] = f
				w.risen(name)
			}
		}
	}
}

func (w *watcher) close() {
	for _, f := range w.files {
		f.Close()
	}
}

// poll waits until attributes notify, stop ends, or so many milliseconds have passed.
func (w *watcher) poll(stop, wait int) (names []string, ready bool) {
	fds := []unix.PollFd{{Fd: int32(stop), Events: unix.POLLIN}}
	var order []string
	for name, f := range w.files {
		fds = append(fds, unix.PollFd{Fd: int32(f.Fd()), Events: unix.POLLPRI})
		order = append(order, name)
	}
	n, err := unix.Poll(fds, wait)
	if err != nil || n == 0 {
		return nil, err != nil
	}
	for i, fd := range fds[1:] {
		if fd.Revents != 0 {
			names = append(names, order[i])
		}
	}
	return names, true
}

// risen reads an attribute, and reports whether an alarm has risen since it was read
// before. One that can't be read any more is given up.
func (w *watcher) risen(name string) bool {
	var text [4096]byte
	n, err := w.files[name].ReadAt(text[:], 0)
	if err != nil && err != io.EOF {
		w.files[name].Close()
		delete(w.files, name)
		return false
	}
	now := strings.TrimSpace(string(text[:n]))
	if lines := strings.Split(now, "\n"); len(lines) > 1 {
		i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "oom_kill ") })
		now = lines[max(i, 0)]
	}
	before, known := w.told[name]
	w.told[name] = now
	return known && now != before && now != "0"
}
