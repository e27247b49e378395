//go:build linux

package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	const line = "     100        0     2048       15      312        7     4176       80        0       90      200        3        0       16        1      205       99\n"
	got, err := parseStat(line)
	if want := (Counts{Bytes: 4176 * 512, Writes: 312, Flushes: 205}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for _, bad := range []string{
		"",
		"1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n", // Linux 5.4: no flushes
		strings.Replace(line, "312", "many", 1),
	} {
		if got, err := parseStat(bad); err == nil {
			t.Errorf("%q: got %+v, want an error", bad, got)
		}
	}
}

func TestLabelled(t *testing.T) {
	const status = "voluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t3\nRss:      4 kB\nEmpty:\n"
	for label, want := range map[string]int64{
		"voluntary_ctxt_switches:": 12, "nonvoluntary_ctxt_switches:": 3, "Rss:": 4, "Empty:": 0, "Absent:": 0,
	} {
		if got := labelled(status, label); got != want {
			t.Errorf("%s got %d, want %d", label, got, want)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		xs   []float64
		want float64
	}{
		{nil, 0}, {[]float64{7}, 7}, {[]float64{9, 1}, 5}, {[]float64{30, 10, 20}, 20}, {[]float64{4, 1, 3, 2}, 2.5},
	} {
		before := slices.Clone(c.xs)
		if got := median(c.xs); got != c.want || !slices.Equal(c.xs, before) {
			t.Errorf("median(%v) = %v, want %v and the samples as they were", before, got, c.want)
		}
	}
}

func TestGrouping(t *testing.T) {
	for number, want := range map[string]string{
		"0": "0", "999": "999", "1000": "1,000", "1234567.25": "1,234,567.25", "-1234": "-1,234", "-123": "-123",
	} {
		if got := grouping(number); got != want {
			t.Errorf("%s: got %s, want %s", number, got, want)
		}
	}
}

func TestUndoInReverse(t *testing.T) {
	var did []string
	var u undo
	second := errors.New("second")
	for _, name := range []string{"first", "second", "third"} {
		u.add(func() error {
			did = append(did, name)
			if name == "second" {
				return second
			}
			return nil
		})
	}
	if err := u.run(); !errors.Is(err, second) {
		t.Errorf("got %v, want %v", err, second)
	}
	if want := []string{"third", "second", "first"}; !slices.Equal(did, want) {
		t.Errorf("did %v, want %v", did, want)
	}
	if err := u.run(); err != nil || len(did) != 3 {
		t.Errorf("run again: %v, did %v", err, did)
	}
}

func TestLinesAreCountedAcrossWrites(t *testing.T) {
	l := &lines{word: "beat", found: make(chan struct{})}
	for _, part := range []string{"be", "at 1\nother\nbeat", " 2\nbeat 3"} {
		l.Write([]byte(part))
	}
	if got := l.seen(); got != 2 {
		t.Errorf("seen %d lines, want 2", got)
	}
	select {
	case <-l.found:
	default:
		t.Error("the first line was not told")
	}
	if got := l.last(); !strings.HasSuffix(got, "beat 2\nbeat 3") {
		t.Errorf("last %q", got)
	}
}

func TestWatchCountsWritesAndReplacements(t *testing.T) {
	name := filepath.Join(t.TempDir(), "stamp")
	look := watch(t.Context(), name)
	write := func(at time.Time, name string) {
		t.Helper()
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(want int64) {
		t.Helper()
		if got, err := look(); err != nil || got != want {
			t.Fatalf("got %d, %v, want %d", got, err, want)
		}
	}
	expect(0)
	day := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	write(day, name+".new")
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
	expect(1)
	expect(1)
	if err := os.Chtimes(name, day, day.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	expect(2)
	write(day.Add(time.Second), name+".new") // the same time, another file
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
	expect(3)
}

func TestParseTrace(t *testing.T) {
	const trace = `10 openat(AT_FDCWD</>, "/mnt/j/lane-0/000004.log", O_WRONLY|O_CREAT|O_CLOEXEC, 0666) = 5</mnt/j/lane-0/000004.log>
10 openat(AT_FDCWD</>, "/mnt/j/lane-0/000003.log", O_RDONLY|O_CLOEXEC) = 6</mnt/j/lane-0/000003.log>
10 write(5</mnt/j/lane-0/000004.log>, ""..., 100) = 100
11 pwrite64(5</mnt/j/lane-0/000004.log>, ""..., 50, 100 <unfinished ...>
10 write(2</dev/pts/0>, ""..., 30) = 30
11 <... pwrite64 resumed>) = 50
11 fdatasync(5</mnt/j/lane-0/000004.log>) = 0
10 fsync(7</mnt/j/lane-0>) = 0
10 renameat(AT_FDCWD</>, "/mnt/j/lane-0/temporary.000003.dbtmp", AT_FDCWD</>, "/mnt/j/lane-0/OPTIONS-000003") = 0
10 unlinkat(AT_FDCWD</>, "/mnt/j/lane-0/OPTIONS-000001", 0) = 0
10 unlinkat(AT_FDCWD</>, "/mnt/j/lane-0/OPTIONS-000002", 0) = -1 ENOENT (No such file or directory)
10 +++ killed by SIGKILL +++
`
	got, err := parseTrace(strings.NewReader(trace), "/mnt/j")
	want := []Traced{
		{Kind: "N.log", Made: 1, Writes: 2, Bytes: 150, Syncs: 1},
		{Kind: "lane-N", Syncs: 1},
		{Kind: "OPTIONS-N", Renamed: 1, Removed: 1},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestPlanRefuses(t *testing.T) {
	for _, args := range [][]string{
		{"-interval", "500ms"}, {"-interval", "1500ms"}, {"-interval", "soon"},
		{"-fs", "ext4,fat"}, {"-only", "floor,nobody"}, {"-only", "flightrec"},
		{"-only", "flightrec", "-recorder", "/nowhere/flightrec"}, {"-nonsense"},
	} {
		if _, err := newPlan(args, new(strings.Builder)); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}
