package blocklog

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

// drawLog draws a log of writes of whole sectors and of flushes, on a disk of 8
// sectors of 512 bytes; each write's bytes are its number.
func drawLog(t *rapid.T) []Entry {
	log := make([]Entry, rapid.IntRange(0, 20).Draw(t, "entries"))
	for i := range log {
		log[i] = Entry{Kind: Flush, Time: int64(10 * i), Covers: int64(rapid.IntRange(max(0, i-2), i).Draw(t, "covers"))}
		if rapid.Bool().Draw(t, "write") {
			first := rapid.IntRange(0, 7).Draw(t, "first")
			n := rapid.IntRange(1, 8-first).Draw(t, "sectors")
			log[i] = Entry{Kind: Write, Time: int64(10 * i), Off: int64(first * 512), Data: bytes.Repeat([]byte{byte(i + 1)}, n*512)}
		}
	}
	return log
}

// versions returns, for each sector, what it may hold after a cut at t: the last
// write that a flush covers, and all after it. The last is what was issued.
func versions(log []Entry, t int64) [8][]byte {
	var all [8][]byte
	for s := range all {
		all[s] = []byte{0}
	}
	covered := 0
	for _, e := range log {
		if e.Kind == Flush && e.Time <= t {
			covered = max(covered, int(e.Covers))
		}
	}
	for i, e := range log {
		for s := e.Off / 512; e.Kind == Write && e.Time <= t && s < (e.Off+int64(len(e.Data)))/512; s++ {
			if i < covered {
				all[s] = nil
			}
			all[s] = append(all[s], byte(i+1))
		}
	}
	return all
}

func TestAt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log := drawLog(t)
		d := NewDisk(NewImage(4096), log, 512)
		for range 4 { // the instants go backward too
			at := rapid.Int64Range(-5, 210).Draw(t, "instant")
			mode := Mode(rapid.IntRange(0, int(Modes)-1).Draw(t, "mode"))
			coin := rapid.Bool()
			m, err := d.At(at, mode, func() bool { return coin.Draw(t, "coin") })
			if err != nil {
				t.Fatal(err)
			}
			var got [4096]byte
			m.ReadAt(got[:], 0)
			for s, may := range versions(log, at) {
				switch mode {
				case Covered:
					may = may[:1]
				case Issued:
					may = may[len(may)-1:]
				}
				if b := got[s*512 : (s+1)*512]; !bytes.Contains(may, b[:1]) || !bytes.Equal(b, bytes.Repeat(b[:1], 512)) {
					t.Fatalf("instant %d, %v: sector %d holds %d, may hold %v", at, mode, s, b[0], may)
				}
			}
		}
	})
}

// TestImage compares images with plain bytes.
func TestImage(t *testing.T) {
	const size = 3 * pageSize
	rapid.Check(t, func(t *rapid.T) {
		m, plain := NewImage(size), make([]byte, size)
		var clone *Image
		var cloned []byte
		for range rapid.IntRange(1, 10).Draw(t, "writes") {
			off := rapid.IntRange(0, size).Draw(t, "offset")
			p := bytes.Repeat([]byte{byte(rapid.IntRange(0, 2).Draw(t, "byte"))}, rapid.IntRange(0, size-off).Draw(t, "length"))
			if err := m.WriteAt(p, int64(off)); err != nil {
				t.Fatal(err)
			}
			copy(plain[off:], p)
			if rapid.Bool().Draw(t, "clone") {
				clone, cloned = m.Clone(), bytes.Clone(plain)
			}
		}
		check(t, m, plain)
		if clone != nil {
			check(t, clone, cloned)
		}
	})
}

func check(t *rapid.T, m *Image, want []byte) {
	got := make([]byte, len(want)+1)
	if n, err := m.ReadAt(got, 0); n != len(want) || err == nil || !bytes.Equal(got[:n], want) {
		t.Fatalf("the image holds something else than was written (%d bytes, %v)", n, err)
	}
}

func TestImageOnFile(t *testing.T) {
	m := NewImage(1 << 20)
	for _, off := range []int64{0, 5000, 1<<20 - 4} {
		if err := m.WriteAt([]byte("data"), off); err != nil {
			t.Fatal(err)
		}
	}
	name := filepath.Join(t.TempDir(), "image")
	if err := m.Store(name); err != nil {
		t.Fatal(err)
	}
	got, err := LoadImage(name)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Equal(m) {
		t.Error("an image stored and loaded is another one")
	}
	if err := m.WriteAt([]byte("data"), 1<<20-3); err == nil {
		t.Error("a write beyond the end is no error")
	}
}

func TestReadLog(t *testing.T) {
	whole := appendEntry(nil, Entry{Kind: Write, Time: 1, Off: 4096, Data: []byte("data")})
	whole = appendEntry(whole, Entry{Kind: Flush, Time: 2, Covers: 1})
	last := appendEntry(nil, Entry{Kind: Write, Time: 3, Data: []byte("more")})
	name := filepath.Join(t.TempDir(), "log")
	for n := range last { // the server was killed while it logged the last entry
		if err := os.WriteFile(name, append(bytes.Clone(whole), last[:n]...), 0o600); err != nil {
			t.Fatal(err)
		}
		log, err := ReadLog(name)
		if err != nil || len(log) != 2 {
			t.Fatalf("with %d bytes of the third entry: %d entries, %v", n, len(log), err)
		}
		if e := log[0]; e.Kind != Write || e.Time != 1 || e.Off != 4096 || string(e.Data) != "data" {
			t.Errorf("write: %+v", e)
		}
		if e := log[1]; e.Kind != Flush || e.Time != 2 || e.Covers != 1 {
			t.Errorf("flush: %+v", e)
		}
	}
	if err := os.WriteFile(name, make([]byte, 100), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadLog(name); err == nil {
		t.Error("a log of zeros is no error")
	}
}
