//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"flightrec/journal"
	"flightrec/journal/store"
)

// recordedBeside records into a new journal while do goes on, and demands that no
// heartbeat was late: a late one begins a leg of its own.
func recordedBeside(t *testing.T, do func(dir string)) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "journal")
	record := exec.Command(program, "record", "-d", dir, "-i", "2", "--clock", "trust")
	if err := record.Start(); err != nil {
		t.Fatal(err)
	}
	defer record.Process.Kill()
	read := func() []journal.Flight {
		flights, err := store.Read(t.Context(), dir, func(error) {})
		if err != nil && !os.IsNotExist(errors.Unwrap(err)) {
			t.Fatal(err)
		}
		return flights
	}
	becomes(t, "takeoff", func() bool { return len(read()) == 1 })
	do(dir)
	beats := read()[0].Beats()
	becomes(t, "a heartbeat afterwards", func() bool { return read()[0].Beats() > beats })
	flight := read()[0]
	for _, leg := range flight.Legs {
		if leg.Cause == journal.CauseStall {
			text, _ := json.Marshal(leg)
			t.Errorf("a heartbeat was late: %s", text)
		}
	}
}

// resident returns the most memory that the server took, in bytes; 0 where the system
// doesn't tell.
func (s *server) resident() int {
	status, _ := os.ReadFile("/proc/" + strconv.Itoa(s.Process.Pid) + "/status")
	for line := range strings.Lines(string(status)) {
		if kb, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, _ := strconv.Atoi(strings.Fields(kb)[0])
			return n << 10
		}
	}
	return 0
}

// Two hundred clients that ask without a pause, for 30 s in the long form, get what they
// ask for, and the recorder beside doesn't notice.
func TestServeLoad(t *testing.T) {
	clients, length := 200, 3*time.Second
	if *long {
		length = 30 * time.Second
	}
	recordedBeside(t, func(dir string) {
		s := serving(t, "-d", dir)
		client := http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
		paths := []string{"/", "/report.json", "/spans.jsonl", "/dump.jsonl", "/metrics"}
		var answers, failed atomic.Int64
		var all sync.WaitGroup
		end := time.Now().Add(length)
		for n := range clients {
			all.Go(func() {
				for i := n; time.Now().Before(end); i++ {
					answer, err := client.Get(s.url + paths[i%len(paths)])
					if err == nil {
						_, err = io.Copy(io.Discard, answer.Body)
						answer.Body.Close()
					}
					if err != nil || answer.StatusCode != 200 {
						failed.Add(1)
					}
					answers.Add(1)
				}
			})
		}
		all.Wait()
		t.Logf("%d answers, at most %d MB resident", answers.Load(), s.resident()>>20)
		if failed.Load() > 0 || answers.Load() < int64(clients) {
			t.Errorf("%d of %d requests failed", failed.Load(), answers.Load())
		}
		if s.resident() > 100<<20 {
			t.Errorf("it took %d MB", s.resident()>>20)
		}
		s.end(t)
	})
}

// Clients that dawdle, send halves, headers without end, or open connections by the
// thousand leave the server up, and the recorder beside doesn't notice.
func TestServeHostile(t *testing.T) {
	crowd := 2000
	if *long {
		crowd = 10000
	}
	recordedBeside(t, func(dir string) {
		s := serving(t, "-d", dir)
		where := strings.TrimPrefix(s.url, "http://")
		dial := func() net.Conn {
			c, err := net.DialTimeout("tcp", where, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Close() })
			return c
		}
		// answered sends a text and returns all that comes until the server ends the
		// connection.
		answered := func(text string) string {
			c := dial()
			go io.WriteString(c, text)
			c.SetReadDeadline(time.Now().Add(time.Minute))
			all, err := io.ReadAll(c)
			if os.IsTimeout(err) {
				t.Errorf("after %.40q the connection stays", text)
			}
			return string(all)
		}
		for text, want := range map[string]string{
			"":                          "",
			"GET / HTTP/1.1\r\nHost: x": "",
			"GET / HTTP/1.1\r\nHost: " + where + "\r\nX: " + strings.Repeat("x", 1<<20) + "\r\n\r\n": "431 Request Header Fields Too Large",
			"GET /" + strings.Repeat("x", 1<<20) + " HTTP/1.1\r\n\r\n":                               "431 Request Header Fields Too Large",
			"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + strings.Repeat("\x00", 600):             "400 Bad Request",
			"GET / HTTP/1.1\r\nHost: " + where + "\r\nHost: evil\r\n\r\n":                            "400 Bad Request",
			"POST / HTTP/1.1\r\nHost: " + where + "\r\nContent-Length: 99999999\r\n\r\nhalf":         "405 Method Not Allowed",
		} {
			if got := answered(text); !strings.Contains(got, want) {
				t.Errorf("%.60q is answered %.100q, want %s", text, got, want)
			}
		}
		// A crowd that says nothing: more than are let in.
		var open sync.Map
		var all sync.WaitGroup
		for n := range crowd {
			all.Go(func() {
				if c, err := net.DialTimeout("tcp", where, 5*time.Second); err == nil {
					open.Store(n, c)
				}
			})
		}
		all.Wait()
		if s.resident() > 100<<20 {
			t.Errorf("with %d connections it takes %d MB", crowd, s.resident()>>20)
		}
		open.Range(func(_, c any) bool { c.(net.Conn).Close(); return true })
		client := http.Client{Timeout: time.Minute}
		answer, err := client.Get(s.url + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != 200 {
			t.Errorf("%d", answer.StatusCode)
		}
		s.end(t)
	})
}

// A request that is being answered at the end is answered to its end.
func TestServeEnds(t *testing.T) {
	dump := filepath.Join(t.TempDir(), "pi.jsonl")
	var lines strings.Builder
	for hour := 0; hour < 16000; hour += 2 { // more than the kernel holds for a reader
		lines.WriteString(dumpLine("pi", hour, 1, "lost"))
	}
	if err := os.WriteFile(dump, []byte(lines.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	s := serving(t, dump)
	c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "GET /dump.jsonl HTTP/1.0\r\nHost: localhost\r\n\r\n")
	first := make([]byte, 1)
	if _, err := io.ReadFull(c, first); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { s.Process.Signal(os.Interrupt); ended <- s.Wait() }()
	becomes(t, "nobody is let in any more", func() bool {
		other, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err == nil {
			other.Close()
		}
		return err != nil
	})
	all, err := io.ReadAll(c)
	if err != nil || strings.Count(string(all), "\n{") != 8000 {
		t.Errorf("%v, and %d lines of 8000", err, strings.Count(string(all), "\n{"))
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
