//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"flightrec/cmd/torture/blocklog"
)

// session is the time from when a disk gets power to when it loses it. The next one
// begins on what the cut left.
type session struct {
	start int64 // by blocklog.Now; the mount, and with it the file system's recovery, comes after it
	boots []int64
	acks  []ack // those of the sessions before that were safe when they were cut included
	disk  *blocklog.Disk
	// rotations are the instants at which files of the journal came and went when the
	// recorder had been running for a while.
	rotations []int64
}

// plan is what happens in a session: its boots, and when within the last of them
// (as a share of it) and how the power goes.
type plan struct {
	boots []boot
	cut   float64
	mode  blocklog.Mode
}

const (
	kill = syscall.SIGKILL
	land = syscall.SIGTERM
)

// longPlans last about three and a half minutes, long enough for the kernel's own
// write-back, which comes 30 s and more after a write. Two short sessions in a row
// make cuts in the recovery from a cut in a recovery.
var longPlans = []plan{
	{[]boot{{3 * time.Second, land}, {20 * time.Second, kill}, {75 * time.Second, kill}}, 0.9, blocklog.Half},
	{[]boot{{5 * time.Second, kill}, {60 * time.Second, kill}}, 0.8, blocklog.Covered},
	{[]boot{{2 * time.Second, kill}}, 0.2, blocklog.Half},
	{[]boot{{2 * time.Second, kill}}, 0.4, blocklog.Issued},
	{[]boot{{4 * time.Second, land}, {30 * time.Second, kill}}, 1, blocklog.Half},
}

// shortPlans try each thing once.
var shortPlans = []plan{
	{[]boot{{700 * time.Millisecond, land}, {500 * time.Millisecond, kill}, {1500 * time.Millisecond, kill}}, 0.8, blocklog.Half},
	{[]boot{{700 * time.Millisecond, kill}}, 0.4, blocklog.Half},
	{[]boot{{1500 * time.Millisecond, kill}}, 1, blocklog.Half},
}

// studio is where sessions are recorded.
type studio struct {
	dir     string // all files and mounts lie below it
	fstype  string
	options string        // for mounting
	latency time.Duration // of a flush
	seed    uint64
}

// record runs a recorder through plans on a fresh file system.
func (s studio) record(ctx context.Context, r recorder, plans []plan) ([]*session, error) {
	base, err := format(ctx, s.dir, s.fstype)
	if err != nil {
		return nil, err
	}
	var sessions []*session
	var safe []ack
	for i, p := range plans {
		t, err := s.session(ctx, r, filepath.Join(s.dir, fmt.Sprint(i)), base, p.boots)
		if err != nil {
			return nil, fmt.Errorf("session %d of %s: %w", i, r.name, err)
		}
		t.acks = append(safe, t.acks...)
		sessions = append(sessions, t)

		last := len(p.boots) - 1
		cut := t.boots[last] + int64(p.cut*float64(p.boots[last].lasts))
		if base, err = t.disk.At(cut, p.mode, coin(s.seed, uint64(i))); err != nil {
			return nil, err
		}
		safe = before(t.acks, cut)
	}
	return sessions, nil
}

// mountName is where in a session's folder its file system is mounted.
const mountName = "mnt"

// session gives power to a disk, runs the recorder for each boot, and takes the
// history of the disk. Between boots the file system is unmounted.
func (s studio) session(ctx context.Context, r recorder, dir string, base *blocklog.Image, boots []boot) (*session, error) {
	defer os.RemoveAll(dir)
	g, err := startRig(dir, base, s.latency)
	if err != nil {
		return nil, err
	}
	t := &session{start: blocklog.Now()}
	mnt := filepath.Join(dir, mountName)
	for _, b := range boots {
		err := s.mounted(g.loop, mnt, func() error {
			return t.fly(ctx, r, mnt, b)
		})
		if err != nil {
			return nil, errors.Join(err, g.unplug())
		}
	}
	if err := g.unplug(); err != nil {
		return nil, err
	}
	t.disk, err = g.disk(sectors[s.fstype])
	return t, err
}

// fly runs the recorder for one boot on the file system at mnt.
func (t *session) fly(ctx context.Context, r recorder, mnt string, b boot) error {
	w, err := startWatch(mnt)
	if err != nil {
		return err
	}
	begin := blocklog.Now()
	t.boots = append(t.boots, begin)
	acks, err := r.fly(ctx, filepath.Join(mnt, "journal"), b)
	t.acks = append(t.acks, acks...)
	for _, at := range w.stop() {
		if at > begin+int64(min(early, b.lasts/2)) {
			t.rotations = append(t.rotations, at)
		}
	}
	return err
}

// mounted calls use while the loop device's file system is mounted at dir, which
// it makes.
func (s studio) mounted(l *blocklog.Loop, dir string, use func() error) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("mounting: %w", err)
	}
	if err := l.Mount(dir, s.fstype, s.options); err != nil {
		return err
	}
	return errors.Join(use(), blocklog.Unmount(dir))
}

// before returns the acknowledgements that had been read at the instant t.
func before(acks []ack, t int64) []ack {
	var safe []ack
	for _, a := range acks {
		if a.at <= t {
			safe = append(safe, a)
		}
	}
	return safe
}

// coin returns a fair coin whose throws the two numbers decide.
func coin(seed, n uint64) func() bool {
	rng := rand.New(rand.NewPCG(seed, n))
	return func() bool { return rng.Uint64()&1 == 0 }
}
