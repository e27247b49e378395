//go:build unix

package main

import (
	"bufio"
	"context"
	"io"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestCrowd has many recorders share a journal, each of them killed or landed after
// a random time and followed by another one, while others read all the time.
func TestCrowd(t *testing.T) {
	recorders, readers, runs := 8, 2, 8*time.Second
	if *long {
		recorders, readers, runs = 32, 8, time.Minute
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := func(n int) *rand.Rand { return rand.New(rand.NewPCG(seed, uint64(n))) }
	ctx, cancel := context.WithTimeout(t.Context(), runs+5*time.Minute) // kills who is left
	defer cancel()
	c := &crowd{T: t, ctx: ctx, dir: filepath.Join(t.TempDir(), "journal"), flights: map[string]witnessed{}}
	for r := random(0); len(c.flights) == 0 && !t.Failed(); { // so that there is something to read
		c.record(r)
	}

	until := time.Now().Add(runs)
	goesOn := func() bool { return time.Now().Before(until) && !t.Failed() }
	var all sync.WaitGroup
	for n := range recorders {
		all.Go(func() {
			for r := random(1 + n); goesOn(); time.Sleep(time.Duration(r.IntN(500)) * time.Millisecond) {
				c.record(r)
			}
		})
	}
	for range readers {
		all.Go(func() {
			for goesOn() {
				c.read()
				c.run("report")
			}
		})
	}
	all.Wait()
	if c.read(); t.Failed() {
		return
	}
	lanes := c.checkLanes()
	beats := 0
	for _, f := range c.flights {
		beats += f.beats
	}
	t.Logf("%d recorders were started, %d took off, %d of them landed, the others were killed; at most %d ran at once, in %d lanes; %d heartbeats were acknowledged, none is missing; %d reads, none failed",
		c.started, len(c.flights), c.landed, c.most, lanes, beats, c.reads)
}

// A crowd is the recorders of a journal, and what they acknowledged.
type crowd struct {
	*testing.T
	ctx context.Context
	dir string

	mu                 sync.Mutex
	flights            map[string]witnessed
	newest             string // the greatest ID of a flight that has taken off
	running, most      int    // recorders, from before their start until after their end
	flying, mostFlying int    // of these, from their first heartbeat until they are told to end
	started, landed    int
	reads              int
}

// witnessed is what is known of a flight from outside.
type witnessed struct {
	acked
	ending string // what a dump must say of it; empty while it is being ended
}

// record runs one recorder. One in four is killed as it starts, one in four lands.
func (c *crowd) record(r *rand.Rand) {
	cmd := exec.CommandContext(c.ctx, program, "record", "-d", c.dir, "-i", "0.01", "-v", "debug")
	log, err := cmd.StderrPipe()
	if err != nil {
		c.Error(err)
		return
	}
	p := c.starts()
	defer c.ended()
	if err := cmd.Start(); err != nil {
		c.Error(err)
		return
	}
	logged := make(chan bool)
	go func() {
		c.follow(log, p)
		close(logged)
	}()
	how := r.IntN(4)
	if how > 0 {
		select {
		case <-p.tookOff:
		case <-logged:
		}
		time.Sleep(time.Duration(r.IntN(3000)) * time.Millisecond)
	} else {
		time.Sleep(time.Duration(r.IntN(100)) * time.Millisecond)
	}
	c.endsAs(p, "")
	signal, want, ending := syscall.SIGKILL, "signal: killed", "lost"
	if how == 1 {
		signal, want, ending = syscall.SIGTERM, "exit status 0", "landed"
	}
	cmd.Process.Signal(signal)
	<-logged
	cmd.Wait()
	if got := cmd.ProcessState.String(); got != want {
		c.Errorf("recorder ended by %v: %s, want %s", signal, got, want)
	}
	c.endsAs(p, ending)
}

// A process is a recorder's.
type process struct {
	newest  string    // the newest flight before its start
	tookOff chan bool // closed at its first heartbeat
	flight  string    // which that began
	told    bool      // it is being ended
}

// starts counts a recorder that is about to start.
func (c *crowd) starts() *process {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.started++
	c.running++
	c.most = max(c.most, c.running)
	return &process{newest: c.newest, tookOff: make(chan bool)}
}

// ended counts a recorder whose process is no more.
func (c *crowd) ended() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running--
}

// endsAs notes how a recorder's flight ends, if it has taken off.
func (c *crowd) endsAs(p *process, ending string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p.told = true
	f, ok := c.flights[p.flight]
	if !ok {
		return
	}
	if f.ending == "aloft" {
		c.flying--
	}
	if ending == "landed" {
		c.landed++
	}
	f.ending = ending
	c.flights[p.flight] = f
}

// follow notes what a recorder's log says is on disk, until it ends.
func (c *crowd) follow(log io.Reader, p *process) {
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		line := lines.Text()
		if m := heartbeat.FindStringSubmatch(line); m != nil {
			elapsed, _ := strconv.ParseInt(m[2], 10, 64)
			c.beat(p, m[1], elapsed)
		} else if !strings.Contains(line, "level=INFO") && !strings.Contains(line, `msg="nothing tells`) {
			c.Errorf("a recorder says: %s", line)
		}
	}
}

// beat notes a heartbeat.
func (c *crowd) beat(p *process, flight string, elapsed int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.flights[flight]
	f.beats++
	f.elapsed = elapsed
	if f.beats == 1 {
		if flight <= p.newest {
			c.Errorf("flight %s took off after %s", flight, p.newest)
		}
		c.newest = max(c.newest, flight)
		p.flight = flight
		close(p.tookOff)
		if !p.told {
			f.ending = "aloft"
			c.flying++
			c.mostFlying = max(c.mostFlying, c.flying)
		}
	}
	c.flights[flight] = f
}
