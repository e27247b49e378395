//go:build linux

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"flightrec/cmd/torture/blocklog"
)

// kind says how a cut's instant was chosen.
type kind int

const (
	firstBoot kind = iota // within two seconds of the first power ever
	recovery              // within two seconds of the power's return after another cut
	rotation              // while files of the journal come and go, in mid-flight
	atWrite               // right after a write or flush
	anyTime               // any time is as likely as any other
	kinds
)

var kindNames = [kinds]string{"first boot", "recovery", "rotation", "at a write", "any time"}

// cut is a power cut: when, and what decides what it leaves.
type cut struct {
	kind    kind
	session int
	after   time.Duration // the session's start
	seed    uint64
}

// String says all that is needed to look at the cut again.
func (c cut) String() string {
	return fmt.Sprintf("session %d after %v (%s), seed %d", c.session, c.after, kindNames[c.kind], c.seed)
}

// early is how long after the power came a cut is called early.
const early = 2 * time.Second

// drawCuts returns n cuts of all kinds in equal parts, in order of time. Those
// of rotation and atWrite are taken from what was seen in these sessions.
func drawCuts(n int, sessions []*session, seed uint64) []cut {
	rng := rand.New(rand.NewPCG(seed, 0))
	rotated := slices.ContainsFunc(sessions, func(s *session) bool { return len(s.rotations) > 0 })
	cuts := make([]cut, n)
	for i := range cuts {
		c := cut{kind: kind(i) % kinds, seed: rng.Uint64()}
		if c.kind == rotation && !rotated {
			c.kind = anyTime
		}
		switch c.kind {
		case firstBoot:
			c.after = time.Duration(rng.Int64N(int64(early)))
		case recovery:
			c.session, c.after = 1+rng.IntN(len(sessions)-1), time.Duration(rng.Int64N(int64(early)))
		case rotation:
			c.session, c.after = drawRotation(rng, sessions)
		case atWrite:
			c.session, c.after = drawWrite(rng, sessions)
		case anyTime:
			c.session, c.after = drawTime(rng, sessions)
		}
		cuts[i] = c
	}
	slices.SortFunc(cuts, func(a, b cut) int {
		return cmp.Or(cmp.Compare(a.session, b.session), cmp.Compare(a.after, b.after))
	})
	return cuts
}

// drawRotation draws an instant within 5 ms of one of the changes. There must be
// some.
func drawRotation(rng *rand.Rand, sessions []*session) (int, time.Duration) {
	var total int
	for _, s := range sessions {
		total += len(s.rotations)
	}
	n := rng.IntN(total)
	for i, s := range sessions {
		if n < len(s.rotations) {
			jitter := rng.Int64N(int64(10*time.Millisecond)) - int64(5*time.Millisecond)
			return i, time.Duration(s.rotations[n] + jitter - s.start)
		}
		n -= len(s.rotations)
	}
	panic("drawing a rotation: counted fewer than there are")
}

// drawWrite draws an entry from all the logs and returns its instant.
func drawWrite(rng *rand.Rand, sessions []*session) (int, time.Duration) {
	var total int
	for _, s := range sessions {
		total += len(s.disk.Log)
	}
	n := rng.IntN(total)
	for i, s := range sessions {
		if n < len(s.disk.Log) {
			return i, time.Duration(s.disk.Log[n].Time - s.start)
		}
		n -= len(s.disk.Log)
	}
	panic("drawing a write: counted fewer than there are")
}

// drawTime draws an instant from all the time that was recorded.
func drawTime(rng *rand.Rand, sessions []*session) (int, time.Duration) {
	var total time.Duration
	for _, s := range sessions {
		total += s.length()
	}
	d := time.Duration(rng.Int64N(int64(total)))
	for i, s := range sessions {
		if d < s.length() {
			return i, d
		}
		d -= s.length()
	}
	panic("drawing an instant: counted less than there is")
}

// length returns how long the session lasted, by its last acknowledgement.
func (s *session) length() time.Duration {
	return time.Duration(s.acks[len(s.acks)-1].at - s.start)
}

// loss is what a cut cost.
type loss struct {
	kind     kind
	mode     blocklog.Mode
	acked    int           // heartbeats that had been acknowledged
	beats    int           // how many of them are missing
	landings int           // landings that are missing
	flights  int           // flights that had been acknowledged
	whole    int           // how many of them are missing wholly
	time     time.Duration // acknowledged time that is missing
	trouble  error         // what the reader said, or why there was nothing to read
}

// bad reports whether anything that was acknowledged is missing or unreadable.
func (l loss) bad() bool { return l.beats > 0 || l.landings > 0 || l.whole > 0 || l.trouble != nil }

// reckon sets what was acknowledged against what was found.
func reckon(acks []ack, flights map[int]found) loss {
	var l loss
	byPID := map[int][]ack{}
	for _, a := range acks {
		byPID[a.pid] = append(byPID[a.pid], a)
	}
	for pid, acks := range byPID {
		f, ok := flights[pid]
		if !ok {
			l.whole++
			f.elapsed = -rounding - 1 // a takeoff's elapsed is 0, and it is missing too
		}
		var beats, late int
		for _, a := range acks {
			switch {
			case a.landing && !f.landed:
				l.landings++
			case a.landing:
			case a.elapsed > f.elapsed+rounding:
				late++
				fallthrough
			default:
				beats++
			}
		}
		l.flights++
		l.acked += beats
		l.beats += max(late, beats-f.beats)
		l.time += max(0, acks[len(acks)-1].elapsed-max(0, f.elapsed))
	}
	return l
}

// left returns the disk as a cut leaves it.
func (t *session) left(c cut, mode blocklog.Mode) (*blocklog.Image, error) {
	return t.disk.At(t.start+int64(c.after), mode, coin(c.seed, 1))
}

// try reads what a cut has left.
func (s studio) try(ctx context.Context, r recorder, t *session, c cut, mode blocklog.Mode, left *blocklog.Image) (loss, error) {
	flights, trouble, err := s.read(ctx, r, left)
	if err != nil {
		return loss{}, err
	}
	l := reckon(before(t.acks, t.start+int64(c.after)), flights)
	l.kind, l.mode = c.kind, mode
	if l.acked > 0 { // before that, there may well be no journal
		l.trouble = trouble
	}
	return l, nil
}

// read lets the kernel mount an image, and the recorder's reader read the journal on
// it. What troubled the reader is no error.
func (s studio) read(ctx context.Context, r recorder, m *blocklog.Image) (flights map[int]found, trouble, err error) {
	image := filepath.Join(s.dir, "cut.img")
	defer os.Remove(image)
	if err := m.Store(image); err != nil {
		return nil, nil, err
	}
	loop, err := blocklog.AttachLoop(image)
	if err != nil {
		return nil, nil, err
	}
	mnt := filepath.Join(s.dir, "cut")
	err = s.mounted(loop, mnt, func() error {
		journal := filepath.Join(mnt, "journal")
		flights, trouble = r.dump(ctx, journal)
		trouble = errors.Join(trouble, r.complaints(ctx, journal))
		return ctx.Err()
	})
	return flights, trouble, errors.Join(err, loop.Close(), os.Remove(mnt))
}
