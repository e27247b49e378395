//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"time"

	"flightrec/journal/store"

	"github.com/segmentio/ksuid"
)

// synthCommand is how report has a journal written. A process of its own does
// that, since a kernel counts what the bench ever held as the peak of each of its
// children.
const synthCommand = "synth"

// reopenings is how often a synthetic journal is closed and opened again.
const reopenings = 400

// synth writes a synthetic journal of n flights, the last of which ends now, and
// prints where they truly were as the original's database has it, in SQL.
func synth(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet(synthCommand, flag.ContinueOnError)
	if err := parse(flags, args, stderr); err != nil {
		return err
	}
	n, err := strconv.Atoi(flags.Arg(1))
	if flags.NArg() != 2 || err != nil || n < 1 {
		fmt.Fprintln(stderr, "usage: bench synth DIR FLIGHTS")
		return errUsage
	}
	out := bufio.NewWriterSize(stdout, 64<<10)
	fmt.Fprintf(out, originalSchema+"BEGIN;\n", "NORMAL")
	err = write(ctx, flags.Arg(0), newLife(n, time.Now()), n, func(s sortie) {
		fmt.Fprintf(out, "INSERT INTO flight(duration, last_ts) VALUES (%f, %f);\n", s.end.Sub(s.start).Seconds(), unixSeconds(s.end))
	})
	if err != nil {
		return err
	}
	io.WriteString(out, "COMMIT;\n")
	return out.Flush()
}

// write writes n flights of a life into the journal in dir, through the store that
// recorders use, and passes each to each.
func write(ctx context.Context, dir string, l *life, n int, each func(sortie)) error {
	every := max(1, n/reopenings)
	for n > 0 {
		batch := min(n, every)
		if err := writeSome(ctx, dir, l, batch, each); err != nil {
			return err
		}
		n -= batch
	}
	return nil
}

// writeSome writes n flights between opening a journal and closing it.
func writeSome(ctx context.Context, dir string, l *life, n int, each func(sortie)) (err error) {
	j, err := store.Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	for range n {
		if err := ctx.Err(); err != nil {
			return err
		}
		s := l.next()
		id, err := j.NewFlight(s.shown)
		if err != nil {
			return err
		}
		if err := s.record(j, id); err != nil {
			return err
		}
		each(s)
	}
	return nil
}

// record appends the takeoff, and then all else at once: the fold makes the same
// of that as of one record at a time.
func (s sortie) record(j *store.Journal, id ksuid.KSUID) error {
	if err := j.Append(id, s.records[:2]...); err != nil {
		return err
	}
	return j.Append(id, s.records[2:]...)
}
