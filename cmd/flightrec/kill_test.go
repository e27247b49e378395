package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// acked is what a recorder's log says is on disk.
type acked struct {
	beats   int
	elapsed int64
}

var heartbeat = regexp.MustCompile(`msg=heartbeat flight=(\w+) .*elapsed_ns=(\d+)`)

// follow reads a recorder's log to its end, and tells once the flight has begun.
func follow(log io.Reader, all map[string]acked, tookOff chan<- bool) {
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		m := heartbeat.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		a := all[m[1]]
		a.beats++
		a.elapsed, _ = strconv.ParseInt(m[2], 10, 64)
		all[m[1]] = a
		if a.beats == 1 {
			tookOff <- true
		}
	}
}

// dumped is what a test wants to know of a dump's line.
type dumped struct {
	Flight string
	Lane   string
	Beats  int
	Ending string
	Legs   []struct {
		Last struct {
			Elapsed int64 `json:"elapsed_ns"`
		}
	}
}

func dumpOf(t *testing.T, dir string) []dumped {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command(program, "dump", "--json", "-d", dir)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("dump: %v\n%s", err, &stderr)
	}
	var all []dumped
	for line := range bytes.Lines(out) {
		var d dumped
		if err := json.Unmarshal(line, &d); err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}

// TestKill kills recorders at random moments, each followed by a new flight on
// the same journal, some of them while they start. What was acknowledged is there.
func TestKill(t *testing.T) {
	kills := 200
	if testing.Short() {
		kills = 20
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir := filepath.Join(t.TempDir(), "journal")
	all := map[string]acked{}
	for n := range kills + 1 {
		if n%10 == 0 {
			killWhileStarting(t, dir, time.Duration(random.IntN(30))*time.Millisecond)
		}
		cmd := exec.Command(program, "record", "-d", dir, "-i", "0.002", "-v", "debug")
		log, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		tookOff, done := make(chan bool, 1), make(chan bool)
		go func() {
			follow(log, all, tookOff)
			close(done)
		}()
		select {
		case <-tookOff:
		case <-time.After(time.Minute):
			cmd.Process.Kill()
			t.Fatalf("kill %d: no takeoff", n)
		}
		time.Sleep(time.Duration(random.IntN(40_000)) * time.Microsecond)
		if n%20 == 0 {
			dumpOf(t, dir) // no reader fails, either
		}
		cmd.Process.Kill()
		<-done
		cmd.Wait()
	}
	flights := dumpOf(t, dir)
	// Those that were killed while they started may have taken off, unseen.
	seen := 0
	for _, d := range flights {
		a, ok := all[d.Flight]
		if !ok {
			continue
		}
		seen++
		last := d.Legs[len(d.Legs)-1].Last.Elapsed
		// A recorder that is killed takes with it the lines that its log had yet to write.
		if d.Beats < a.beats || d.Beats > a.beats+logBacklog+1 || last < a.elapsed {
			t.Errorf("flight %s: %d heartbeats up to %d ns were acknowledged, the dump has %d up to %d", d.Flight, a.beats, a.elapsed, d.Beats, last)
		}
		if d.Lane != "lane-0" || d.Ending != "lost" {
			t.Errorf("flight %s: %s, %s", d.Flight, d.Lane, d.Ending)
		}
	}
	if seen != kills+1 || len(all) != kills+1 {
		t.Errorf("%d flights took off, %d of them are in the dump, want %d", len(all), seen, kills+1)
	}
}

func killWhileStarting(t *testing.T, dir string, after time.Duration) {
	t.Helper()
	cmd := exec.Command(program, "record", "-d", dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	cmd.Process.Kill()
	cmd.Wait()
}
