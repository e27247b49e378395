//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// schema is the original flight-recorder's, and a column that tells the process.
const schema = `PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;
CREATE TABLE IF NOT EXISTS flight(id INTEGER PRIMARY KEY AUTOINCREMENT, duration REAL NOT NULL CHECK(duration>=0), last_ts REAL NOT NULL, pid INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS flight_end ON flight(last_ts);
CREATE INDEX IF NOT EXISTS flight_start ON flight(last_ts - duration);
`

// runSQLite is the role of a recorder that records as the original does: one row a
// flight, updated by each heartbeat, in SQLite with a write-ahead log that isn't
// synced. It needs the program sqlite3.
func runSQLite(ctx context.Context, args []string, _ io.Reader, stdout io.Writer) error {
	if len(args) == 0 {
		return errors.New("sqlite: wants record or dump")
	}
	a, err := parseRecordArgs(args[1:])
	if err != nil {
		return err
	}
	name := filepath.Join(a.journal, "flights.db")
	if args[0] == "dump" {
		return dumpSQLite(ctx, name, stdout)
	}
	if err := os.MkdirAll(a.journal, 0o755); err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	s, err := startShell(name)
	if err != nil {
		return err
	}
	return errors.Join(s.record(ctx, a.interval, stdout), s.close())
}

// shell is a running sqlite3.
type shell struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func startShell(name string) (*shell, error) {
	// Only when it believes that it talks with a person does it answer at once.
	cmd := exec.Command("sqlite3", "-interactive", name)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting sqlite3: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting sqlite3: %w", err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting sqlite3: %w", err)
	}
	return &shell{cmd, in, bufio.NewScanner(out)}, nil
}

// do runs statements and returns when they are done.
func (s *shell) do(statements string) error {
	const done = "statements done"
	if _, err := fmt.Fprintf(s.in, "%s\nSELECT '%s';\n", statements, done); err != nil {
		return fmt.Errorf("asking sqlite3: %w", err)
	}
	for s.out.Scan() {
		if strings.HasSuffix(s.out.Text(), done) {
			return nil
		}
	}
	return errors.New("asking sqlite3: it ended")
}

// close lets sqlite3 end as the original's last connection does.
func (s *shell) close() error {
	s.in.Close()
	for s.out.Scan() {
	}
	if err := s.cmd.Wait(); err != nil {
		return fmt.Errorf("ending sqlite3: %w", err)
	}
	return nil
}

func (s *shell) record(ctx context.Context, interval time.Duration, stdout io.Writer) error {
	takeoff, pid := time.Now(), os.Getpid()
	statements := schema + fmt.Sprintf("INSERT INTO flight(duration, last_ts, pid) VALUES(0, %d, %d);", takeoff.Unix(), pid)
	var elapsed time.Duration
	for tick := time.NewTicker(interval); ; {
		if err := s.do(statements); err != nil {
			return err
		}
		fmt.Fprintf(stdout, "heartbeat elapsed_ns=%d\n", elapsed)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		elapsed = time.Since(takeoff)
		statements = fmt.Sprintf("UPDATE flight SET duration = %.9f, last_ts = %.6f WHERE pid = %d;",
			elapsed.Seconds(), float64(time.Now().UnixMicro())/1e6, pid)
	}
}

func dumpSQLite(ctx context.Context, name string, stdout io.Writer) error {
	if _, err := os.Stat(name); err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	cmd := exec.CommandContext(ctx, "sqlite3", "-json", name, "SELECT pid, duration FROM flight ORDER BY id;")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("sqlite: reading: %w", err)
	}
	var rows []struct {
		PID      int     `json:"pid"`
		Duration float64 `json:"duration"`
	}
	if len(out) > 0 {
		if err := json.Unmarshal(out, &rows); err != nil {
			return fmt.Errorf("sqlite: reading: %w", err)
		}
	}
	flights := make([]dumped, len(rows))
	for i, r := range rows {
		flights[i] = dumped{PID: r.PID, Legs: make([]dumpLeg, 1)}
		flights[i].Legs[0].Last.Elapsed = time.Duration(r.Duration * float64(time.Second))
	}
	return printDump(stdout, flights)
}
