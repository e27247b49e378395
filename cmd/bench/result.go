//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// schema names the layout of a result file.
const schema = "flightrec.bench/1"

// Counts are what a block device was asked to do.
type Counts struct {
	Bytes   int64 `json:"bytes"`
	Writes  int64 `json:"writes"`
	Flushes int64 `json:"flushes"`
}

func (c Counts) sub(d Counts) Counts {
	return Counts{c.Bytes - d.Bytes, c.Writes - d.Writes, c.Flushes - d.Flushes}
}

// A Sample is one contender's run on one file system.
type Sample struct {
	FS        string  `json:"fs"`
	Contender string  `json:"contender"`
	Run       int     `json:"run"`
	Interval  float64 `json:"interval_seconds"` // between heartbeats; 0: as the contender would by itself

	StartupBeats int64  `json:"startup_beats"`
	Startup      Counts `json:"startup"` // until the window began

	Seconds     float64 `json:"seconds"` // the window's length
	Beats       int64   `json:"beats"`
	Steady      Counts  `json:"steady"`
	CPUSeconds  float64 `json:"cpu_seconds"`
	Voluntary   int64   `json:"voluntary_switches"`
	Involuntary int64   `json:"involuntary_switches"`

	RSS       int64 `json:"rss_bytes"`
	Anonymous int64 `json:"anonymous_bytes"`
	Disk      int64 `json:"disk_bytes"`
}

// A Boot is what one boot of a journal cost.
type Boot struct {
	FS     string  `json:"fs"`
	N      int     `json:"n"`      // how many boots the journal has seen, this one included
	Beats  int64   `json:"beats"`  // heartbeats that it wrote; 1 is the takeoff alone
	Counts Counts  `json:"counts"` // until the kill
	Synced Counts  `json:"synced"` // until a sync after the kill
	Files  int     `json:"files"`  // in the journal after the boot
	Disk   int64   `json:"disk_bytes"`
	Open   float64 `json:"open_seconds"` // from the start of the process to its first durable record
}

// A Result is what a run of the bench found out.
type Result struct {
	Schema   string    `json:"schema"`
	Command  string    `json:"command"`
	Machine  string    `json:"machine"`
	Started  time.Time `json:"started"`
	Recorder string    `json:"recorder,omitempty"` // its version
	Flash    []Sample  `json:"flash,omitempty"`
	Boots    []Boot    `json:"boots,omitempty"`
	Traced   []Traced  `json:"traced,omitempty"`
	Ages     []Aged    `json:"ages,omitempty"`
	Readings []reading `json:"readings,omitempty"`
}

func newResult(args ...string) *Result {
	return &Result{
		Schema:  schema,
		Command: "go run ./cmd/bench " + strings.Join(args, " "),
		Machine: machine(),
		Started: time.Now().UTC().Truncate(time.Second),
	}
}

// save writes r to name, whole or not at all; an empty name is nowhere.
func (r *Result) save(name string) error {
	if name == "" {
		return nil
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(name+".tmp", append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(name+".tmp", name)
}

func load(name string) (*Result, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	r := new(Result)
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if r.Schema != schema {
		return nil, fmt.Errorf("%s: schema %q: not %s", name, r.Schema, schema)
	}
	return r, nil
}

// median returns the middle of xs, the mean of the two middle ones where there
// is an even number; 0 of none.
func median(xs []float64) float64 {
	if len(xs) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(xs))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

// machine describes this machine in one line.
func machine() string {
	var name unix.Utsname
	unix.Uname(&name) // fails only on a bad address
	return fmt.Sprintf("%s, %d × %s, Linux %s, %s %s/%s",
		lineValue("/etc/os-release", "PRETTY_NAME=", "unknown distribution"),
		runtime.NumCPU(), lineValue("/proc/cpuinfo", "model name", "unknown processor"),
		unix.ByteSliceToString(name.Release[:]), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// lineValue returns what follows prefix in the first line of a file that has it,
// without quotes and colons, or otherwise.
func lineValue(file, prefix, otherwise string) string {
	f, err := os.Open(file)
	if err != nil {
		return otherwise
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), prefix); ok {
			return strings.Trim(value, "\t :\"")
		}
	}
	return otherwise
}
