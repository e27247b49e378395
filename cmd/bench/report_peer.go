//go:build linux

package main

import (
	"fmt"
	"io"
	"os/exec"
)

// originalSchema is the database of Snawoot's flight-recorder, but for its mode of
// durability.
const originalSchema = `PRAGMA journal_mode=WAL;
PRAGMA synchronous=%s;
CREATE TABLE flight(id INTEGER PRIMARY KEY AUTOINCREMENT, duration REAL NOT NULL CHECK(duration >= 0), last_ts REAL NOT NULL);
CREATE INDEX idx_flight_last_ts ON flight(last_ts);
CREATE INDEX idx_flight_begin ON flight(last_ts - duration);
`

// originalQuery is what its flight-reports asks of it.
const originalQuery = `SELECT id, TRUE, last_ts - duration AS ts FROM flight UNION ALL SELECT id, FALSE, last_ts FROM flight ORDER BY ts;`

// peerCommand returns how the original reports on a database: itself where it is
// installed, else its query alone, by the sqlite3 shell. It returns nil, and says
// so, where neither is.
func peerCommand(database string, stderr io.Writer) []string {
	switch {
	case installed("flight-reports"):
		return []string{"flight-reports", "-d", database}
	case installed("sqlite3"):
		fmt.Fprintln(stderr, "flight-reports is not installed: sqlite3 runs its query, without the report that it makes of it")
		return []string{"sqlite3", "-readonly", database, originalQuery}
	}
	fmt.Fprintln(stderr, "the original is left out: neither flight-reports nor sqlite3 is installed")
	return nil
}

func installed(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}
