//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"testing"
)

// run runs a reader, which must have nothing to complain of, and returns what it
// prints.
func (c *crowd) run(command string) []byte {
	var stderr bytes.Buffer
	cmd := exec.CommandContext(c.ctx, program, command, "-d", c.dir)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || stderr.Len() > 0 {
		c.Errorf("%s: %v\n%s", command, err, &stderr)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads++
	return out
}

// known returns what is known of the flights at this moment.
func (c *crowd) known() map[string]witnessed {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.flights)
}

// read checks a dump: it must have all that was acknowledged before it began.
func (c *crowd) read() {
	before := c.known()
	out := c.run("dump")
	after := c.known()
	flights := map[string]dumped{}
	for line := range bytes.Lines(out) {
		var d dumped
		if err := json.Unmarshal(line, &d); err != nil {
			c.Errorf("dump: %v", err)
			return
		}
		if _, twice := flights[d.Flight]; twice {
			c.Errorf("flight %s is there twice", d.Flight)
		}
		flights[d.Flight] = d
	}
	for id, f := range before {
		f.check(c.T, id, flights[id], after[id])
	}
}

// check checks what a dump says of a flight, which was known as f before the dump
// and as after behind it.
func (f witnessed) check(t *testing.T, id string, d dumped, after witnessed) {
	if len(d.Legs) == 0 {
		t.Errorf("flight %s is missing, with %d heartbeats", id, f.beats)
		return
	}
	last := d.Legs[len(d.Legs)-1].Last.Elapsed
	if d.Beats < f.beats || last < f.elapsed {
		t.Errorf("flight %s: %d heartbeats up to %d ns were acknowledged, the dump has %d up to %d", id, f.beats, f.elapsed, d.Beats, last)
	}
	if f.ending == "" || f.ending != after.ending {
		return
	}
	if d.Ending != f.ending {
		t.Errorf("flight %s is %s, not %s", id, d.Ending, f.ending)
	}
	// A recorder that is killed takes with it the lines that its log had yet to write: on a
	// busy machine more than that of its last heartbeat.
	if f.ending != "aloft" && d.Beats > f.beats+logBacklog+1 {
		t.Errorf("flight %s: %d heartbeats, only %d were acknowledged", id, d.Beats, f.beats)
	}
}

// checkLanes returns the number of lanes, which must be no more than there were
// recorders at once, and no less than were flying at once.
func (c *crowd) checkLanes() int {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		c.Fatal(err)
	}
	names := map[string]bool{}
	for _, e := range entries {
		names[e.Name()] = true
	}
	for n := range len(names) {
		if !names[fmt.Sprintf("lane-%d", n)] {
			c.Errorf("no lane %d in %v", n, names)
		}
	}
	if len(names) > c.most || len(names) < c.mostFlying {
		c.Errorf("%d lanes; at most %d recorders ran at once, and %d were flying", len(names), c.most, c.mostFlying)
	}
	return len(names)
}
