package store

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/journaltest"
)

// TestManyBoots boots again and again, as a board in a crash loop does: neither
// the number of files nor what they hold grows out of hand, and no flight is lost.
func TestManyBoots(t *testing.T) {
	boots := 2000
	if testing.Short() {
		boots = 300
	}
	dir := t.TempDir()
	most := 0
	for n := range boots {
		j, err := Open(dir, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		id, err := j.NewFlight(time.Now())
		if err != nil {
			t.Fatal(err)
		}
		boot := fmt.Sprintf("%08x-%04x-4000-8000-%012x", rand.Uint32(), rand.Uint32()>>16, rand.Uint64()>>16)
		first := journaltest.Beat(0)
		first.Wall = first.Wall.Add(time.Duration(n) * time.Hour)
		takeoff := journal.Takeoff{Identity: clock.Identity{Host: "raspberrypi", Machine: "d5a8d5e3-6b3c-4a5c-9d6e-2f1f0a9b8c7d", Boot: boot, OS: "linux/arm64", Kernel: "6.12.34+rpt-rpi-v8"}, SinceBoot: 12345678901, PID: 512, Recorder: "v1.0.0"}
		if err := j.Append(id, takeoff, first); err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			b := journaltest.Beat(time.Duration(1<<i)*time.Second + time.Duration(rand.IntN(1e6)))
			b.Wall = first.Wall.Add(b.Elapsed)
			if err := j.Append(id, b); err != nil {
				t.Fatal(err)
			}
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		files, _ := os.ReadDir(filepath.Join(dir, "lane-0"))
		most = max(most, len(files))
	}
	var size int64
	files, _ := os.ReadDir(filepath.Join(dir, "lane-0"))
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		size += (info.Size() + 4095) / 4096 * 4096
	}
	t.Logf("%d boots: at most %d files, %d KiB at the end in %d files", boots, most, size>>10, len(files))
	// 16 logs, 7 small tables, one for each carry of the binary counter, and five more.
	if most > 45 {
		t.Errorf("%d files", most)
	}
	flights := mustRead(t, dir)
	if len(flights) != boots {
		t.Fatalf("%d flights of %d", len(flights), boots)
	}
	for _, f := range flights {
		if f.Beats() != 4 || f.Takeoff.Host != "raspberrypi" {
			t.Fatalf("flight %+v", f)
		}
	}
}
