//go:build linux

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// A plan is what flash was asked to do.
type plan struct {
	systems    []fileSystem
	contenders []contender
	interval   time.Duration // 0: each contender as by itself
	settle     time.Duration // from the start to the window
	window     time.Duration
	runs       int
	recorder   string
	assert     float64
	out        string
	leftOut    []string // what can't be measured here, and why
}

func flash(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	p, err := newPlan(args, stderr)
	if err != nil {
		return err
	}
	args = append([]string{"flash"}, args...)
	if ok, err := isolated(ctx, args, stdout, stderr); !ok {
		return err
	}
	for _, what := range p.leftOut {
		fmt.Fprintln(stderr, "left out:", what)
	}
	result := newResult(args...)
	if result.Recorder, err = version(ctx, p.recorder); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "%d runs at once, each of %d contenders on %d file systems: %v, and %v to settle, from %s\n", p.runs,
		len(p.contenders), len(p.systems), p.window, p.settle, time.Now().Format(time.TimeOnly))
	if result.Flash, err = p.fly(ctx); err != nil {
		return err
	}
	if err := result.save(p.out); err != nil {
		return err
	}
	if err := writeTables(stdout, []*Result{result}); err != nil {
		return err
	}
	return exceeded(result.Flash, p.assert)
}

// newPlan reads the flags, and finds out what can't be measured here.
func newPlan(args []string, stderr io.Writer) (*plan, error) {
	p := new(plan)
	flags := flag.NewFlagSet("flash", flag.ContinueOnError)
	systems := flags.String("fs", "", "file systems, of ext4,ext4-commit60,xfs,f2fs (default: those that this machine has)")
	only := flags.String("only", "", "contenders, by name (default: those that are installed)")
	interval := flags.String("interval", "10s", "between heartbeats, or default: each contender as it would by itself")
	flags.DurationVar(&p.settle, "settle", 0, "from the start to the window (default: 20s or three intervals, 11m for -interval default)")
	flags.DurationVar(&p.window, "duration", time.Hour, "the window")
	flags.IntVar(&p.runs, "runs", 3, "how many of each at the same time, each on a file system of its own")
	flags.StringVar(&p.recorder, "recorder", "", "the built flightrec")
	flags.StringVar(&p.out, "o", "", "write the results to this file, for table")
	flags.Float64Var(&p.assert, "assert", 0, "fail if flightrec takes more than so many times the floor's bytes or flushes in any run")
	if err := parse(flags, args, stderr); err != nil {
		return nil, err
	}
	if err := p.setInterval(*interval); err != nil {
		return nil, err
	}
	if p.settle == 0 {
		p.settle = settling(p.interval)
	}
	if err := p.setSystems(*systems); err != nil {
		return nil, err
	}
	return p, p.setContenders(*only)
}

func (p *plan) setInterval(text string) error {
	if text == "default" {
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("interval %q: not a duration, nor default", text)
	}
	// Readings need a moment without heartbeats, and peers know whole seconds.
	if d < time.Second || d%time.Second != 0 {
		return fmt.Errorf("interval %v: not a whole number of seconds", d)
	}
	p.interval = d
	return nil
}

// settling returns how long start-up is told apart: flightrec's early heartbeats
// take 8 s, the short interval of its auto the first ten minutes.
func settling(interval time.Duration) time.Duration {
	if interval == 0 {
		return 11 * time.Minute
	}
	return max(20*time.Second, 3*interval)
}

func (p *plan) setSystems(list string) error {
	for _, fs := range fileSystems {
		why := fs.missing()
		switch {
		case list != "" && !slices.Contains(strings.Split(list, ","), fs.name):
		case why == "":
			p.systems = append(p.systems, fs)
		case list != "":
			return fmt.Errorf("%s: %s", fs.name, why)
		default:
			p.leftOut = append(p.leftOut, fs.name+": "+why)
		}
	}
	if list != "" && len(p.systems) != len(strings.Split(list, ",")) {
		return fmt.Errorf("file systems %q: not all known", list)
	}
	return nil
}

func (p *plan) setContenders(list string) error {
	for _, c := range contenders {
		if list != "" && !slices.Contains(strings.Split(list, ","), c.name) {
			continue
		}
		if c.program != "" {
			if _, err := exec.LookPath(c.program); err != nil {
				if list != "" {
					return err
				}
				p.leftOut = append(p.leftOut, c.name+": not installed")
				continue
			}
		}
		if c.name == "flightrec" {
			if err := present(p.recorder); err != nil {
				return err
			}
		}
		p.contenders = append(p.contenders, c)
	}
	if list != "" && len(p.contenders) != len(strings.Split(list, ",")) {
		return fmt.Errorf("contenders %q: not all known", list)
	}
	return nil
}

// present returns an error unless recorder is there to be run.
func present(recorder string) error {
	if recorder == "" {
		return errors.New("no recorder: name the built flightrec with -recorder")
	}
	if _, err := exec.LookPath(recorder); err != nil {
		return fmt.Errorf("no recorder: %w", err)
	}
	return nil
}

// version returns what a recorder says of its version; nothing if there is none.
func version(ctx context.Context, recorder string) (string, error) {
	if recorder == "" {
		return "", nil
	}
	text, err := exec.CommandContext(ctx, recorder, "--version").Output()
	return strings.TrimSpace(string(text)), err
}

// An entry is a contender on its disk.
type entry struct {
	Sample
	disk  *disk
	craft *craft
	from  mark // the window's beginning
}

// fly runs all contenders on all file systems at once, as many of each as there are
// runs.
func (p *plan) fly(ctx context.Context) (samples []Sample, err error) {
	var u undo
	defer func() { err = errors.Join(err, u.run()) }()
	base, err := os.MkdirTemp("", "flightrec-bench-")
	if err != nil {
		return nil, err
	}
	u.add(func() error { return os.Remove(base) })
	var entries []*entry
	for run := range p.runs {
		for _, fs := range p.systems {
			for _, c := range p.contenders {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				e, err := p.enter(ctx, fs, c, base, run+1, &u)
				if err != nil {
					return nil, fmt.Errorf("%s on %s: %w", c.name, fs.name, err)
				}
				entries = append(entries, e)
			}
		}
	}
	if err := wait(ctx, p.settle, entries); err != nil {
		return nil, err
	}
	if err := each(entries, (*entry).begin); err != nil {
		return nil, err
	}
	if err := wait(ctx, p.window, entries); err != nil {
		return nil, err
	}
	if err := each(entries, (*entry).finish); err != nil {
		return nil, err
	}
	for _, e := range entries {
		samples = append(samples, e.Sample)
	}
	return samples, nil
}

// enter makes a disk for c and starts it there.
func (p *plan) enter(ctx context.Context, fs fileSystem, c contender, base string, run int, u *undo) (*entry, error) {
	name := fmt.Sprintf("%s.%s.%d", fs.name, c.name, run)
	d, err := newDisk(fs, base, name, u)
	if err != nil {
		return nil, err
	}
	scratch := base + "/" + name + ".scratch"
	if err := os.Mkdir(scratch, 0o755); err != nil {
		return nil, err
	}
	u.add(func() error { return os.RemoveAll(scratch) })
	dir := d.dir + "/" + journalDir
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	e := &entry{disk: d, Sample: Sample{FS: fs.name, Contender: c.name, Run: run, Interval: p.interval.Seconds()}}
	if e.from.counts, err = d.settled(); err != nil {
		return nil, err
	}
	e.craft, err = c.start(ctx, site{
		dir: dir, view: d.view + "/" + journalDir, scratch: scratch, interval: p.interval, recorder: p.recorder,
	})
	if err != nil {
		return nil, err
	}
	u.add(func() error { e.craft.stop(); return nil })
	return e, nil
}

// journalDir is a contender's directory, below the root of its file system.
const journalDir = "journal"
