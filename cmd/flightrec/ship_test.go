package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/journaltest"
)

// receiver is a collector that upserts by flight.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	requests int
	lines    map[string]string // by flight
	answer   func(n int, w http.ResponseWriter, lines []string) (taken bool)
}

// newReceiver returns a collector that answers the n-th request, from 1, as answer does; it
// has taken the lines if that says so.
func newReceiver(t *testing.T, answer func(n int, w http.ResponseWriter, lines []string) bool) *receiver {
	r := &receiver{lines: map[string]string{}, answer: answer}
	r.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.requests++
		body, err := gzip.NewReader(q.Body)
		if err != nil {
			t.Error(err)
			return
		}
		text, err := io.ReadAll(body)
		if err != nil {
			t.Error(err)
		}
		lines := strings.SplitAfter(string(text), "\n")
		lines = lines[:len(lines)-1]
		if r.answer(r.requests, w, lines) {
			for _, line := range lines {
				f, err := journal.ParseFlight([]byte(line))
				if err != nil {
					t.Error(err)
				}
				r.lines[f.ID.String()] = line
			}
		}
	}))
	r.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(r.Close)
	return r
}

// takeAll takes all lines.
func takeAll(int, http.ResponseWriter, []string) bool { return true }

// flightsToShip returns n flights that are lost, and one aloft.
func flightsToShip(n int) (flights []journal.Flight) {
	for i := range n + 1 {
		begin := journal.InstantOf(time.Date(2026, 11, 1+i, 0, 0, 0, 0, time.UTC))
		flights = append(flights, journaltest.Flight(i+1, fmt.Sprint(i), 0, journaltest.Leg(clock.SyncSynced, 0, time.Hour, begin)))
	}
	flights[n].Ending = journal.EndingAloft
	return flights
}

// shipperTo returns a shipper of flights to a URL, whose pauses are short, and its log.
func shipperTo(t *testing.T, to string, flights []journal.Flight) (*shipper, *bytes.Buffer) {
	t.Helper()
	where, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	c, err := openCursor(filepath.Join(t.TempDir(), "cursor"), func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	k := &collector{url: where, name: to, client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	k.now = func() clock.Reading { return clock.Reading{Wall: time.Now(), Sync: clock.SyncSynced} }
	read := func() ([]journal.Flight, error) { return slices.Clone(flights), nil }
	return &shipper{to: k, read: read, cursor: c, log: slog.New(slog.NewTextHandler(&log, nil)), first: time.Millisecond, most: shipBatch}, &log
}

// TestShip ships to collectors that fail in all the ways that a later try mends: in the end
// each flight is there, and what isn't aloft is posted no more.
func TestShip(t *testing.T) {
	status := func(code int) func(int, http.ResponseWriter, []string) bool {
		return func(n int, w http.ResponseWriter, _ []string) bool {
			if n <= 3 {
				w.WriteHeader(code)
				return false
			}
			return true
		}
	}
	// hijack has the first request end otherwise than by an answer.
	hijack := func(text string, taken bool) func(int, http.ResponseWriter, []string) bool {
		return func(n int, w http.ResponseWriter, _ []string) bool {
			if n > 1 {
				return true
			}
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return false
			}
			io.WriteString(conn, text)
			conn.Close()
			return taken
		}
	}
	for name, answer := range map[string]func(int, http.ResponseWriter, []string) bool{
		"takes all":             takeAll,
		"500":                   status(500),
		"503":                   status(503),
		"429":                   status(429),
		"408":                   status(408),
		"closes":                hijack("", false),
		"closes, and has taken": hijack("", true),
		"half an answer":        hijack("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", true),
		"no HTTP":               hijack("SSH-2.0-OpenSSH\r\n", false),
		"at most two lines": func(_ int, w http.ResponseWriter, lines []string) bool {
			if len(lines) > 2 {
				w.WriteHeader(http.StatusRequestEntityTooLarge)
			}
			return len(lines) <= 2
		},
		"fails in the middle": func(n int, w http.ResponseWriter, lines []string) bool {
			if len(lines) > 2 {
				w.WriteHeader(http.StatusRequestEntityTooLarge)
			} else if n == 5 {
				w.WriteHeader(http.StatusBadGateway)
				return false
			}
			return len(lines) <= 2
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReceiver(t, answer)
			r.Start()
			s, _ := shipperTo(t, r.URL, flightsToShip(10))
			if err := s.untilTaken(t.Context()); err != nil {
				t.Fatal(err)
			}
			if len(r.lines) != 11 {
				t.Errorf("%d flights arrived, want 11", len(r.lines))
			}
			again, err := openCursor(s.cursor.file, func(err error) { t.Error(err) })
			if err != nil {
				t.Fatal(err)
			}
			s.cursor = again
			posted := 0
			r.answer = func(_ int, _ http.ResponseWriter, lines []string) bool { posted += len(lines); return true }
			if err := s.untilTaken(t.Context()); err != nil || posted != 1 {
				t.Errorf("the next time %d lines were posted (%v), want that of the flight aloft", posted, err)
			}
		})
	}
}

// TestShipEnds ships to collectors that no waiting mends: it says why, once, and the cursor
// stands where it stood.
func TestShipEnds(t *testing.T) {
	status := func(code int, header ...string) func(int, http.ResponseWriter, []string) bool {
		return func(_ int, w http.ResponseWriter, _ []string) bool {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
			io.WriteString(w, "no\x1b[2J")
			return false
		}
	}
	for name, c := range map[string]struct {
		answer func(int, http.ResponseWriter, []string) bool
		want   string
	}{
		"400":                {status(400), "400 Bad Request: no"},
		"401":                {status(401), "401 Unauthorized"},
		"404":                {status(404), "404 Not Found"},
		"redirect":           {status(302, "Location", "http://127.0.0.1:1/login"), "302 Found, a redirect"},
		"one is too large":   {status(413), "11 flights are too large"},
		"permanent redirect": {status(308, "Location", "http://127.0.0.1:1/"), "308 Permanent Redirect, a redirect"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReceiver(t, c.answer)
			r.Start()
			s, _ := shipperTo(t, r.URL, flightsToShip(10))
			if err := s.untilTaken(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("ship ended with %v, want %q", err, c.want)
			}
			if len(s.cursor.told) != 0 {
				t.Errorf("the cursor holds %d lines, want none", len(s.cursor.told))
			}
		})
	}
}

// TestShipWaits ships to a collector that hangs until ctx ends, and to one that is away.
func TestShipWaits(t *testing.T) {
	done := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-done }))
	defer hanging.Close()
	defer close(done)
	away := httptest.NewServer(http.NotFoundHandler())
	away.Close()
	for name, to := range map[string]string{"hangs": hanging.URL, "is away": away.URL} {
		t.Run(name, func(t *testing.T) {
			s, log := shipperTo(t, to, flightsToShip(1))
			if name == "hangs" {
				s.to.client.Timeout = 10 * time.Millisecond
			}
			ctx, cancel := context.WithCancel(t.Context())
			tries := 0
			read := s.read
			s.read = func() ([]journal.Flight, error) {
				if tries++; tries == 4 {
					cancel()
				}
				return read()
			}
			if err := s.untilTaken(ctx); err == nil || ctx.Err() == nil {
				t.Errorf("it ended with %v before it was told to", err)
			}
			if n := strings.Count(log.String(), "not shipped yet"); n == 0 || n > 1 && name == "is away" {
				t.Errorf("the same failure was told %d times:\n%s", n, log)
			}
			if len(s.cursor.told) != 0 {
				t.Error("the cursor moved")
			}
		})
	}
}

// TestShipCertificates asks for certificates that somebody vouches for, and takes one that
// ran out for a wrong clock where nobody set the clock.
func TestShipCertificates(t *testing.T) {
	r := newReceiver(t, takeAll)
	r.StartTLS()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: r.Certificate().Raw}), 0o644); err != nil {
		t.Fatal(err)
	}
	roots, err := certificates(ca)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := shipperTo(t, r.URL, flightsToShip(1))
	if err := s.untilTaken(t.Context()); !errors.As(err, new(x509.UnknownAuthorityError)) {
		t.Errorf("a certificate that nobody vouches for: %v", err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig.RootCAs = roots
	s.to.client.Transport = transport
	wrong := time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC) // the certificate begins in 1970
	transport.TLSClientConfig.Time = func() time.Time { return wrong }
	s.to.now = func() clock.Reading { return clock.Reading{Wall: wrong, Sync: clock.SyncUnsynced} }
	var later laterError
	if err := s.once(t.Context()); !errors.As(err, &later) || !strings.Contains(err.Error(), "before this clock is set, it says 1969-12-31") {
		t.Errorf("with a clock in 1969: %v", err)
	}
	transport.TLSClientConfig.Time = nil
	if err := s.untilTaken(t.Context()); err != nil || len(r.lines) != 2 {
		t.Errorf("with the right time %d flights arrived: %v", len(r.lines), err)
	}
}

// TestShipDiskFull posts what can't be noted: it says so, and posts it once more.
func TestShipDiskFull(t *testing.T) {
	r := newReceiver(t, takeAll)
	r.Start()
	s, _ := shipperTo(t, r.URL, flightsToShip(3))
	file := s.cursor.file
	s.cursor.file = filepath.Join(file, "nowhere")
	if err := s.untilTaken(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "moving cursor ") {
		t.Errorf("ship ended with %v, want an error of the cursor", err)
	}
	s.cursor = &cursor{file: file, told: map[digest]bool{}}
	if err := s.untilTaken(t.Context()); err != nil || len(r.lines) != 4 || r.requests != 2 {
		t.Errorf("%d flights in %d requests: %v", len(r.lines), r.requests, err)
	}
}

// TestRetryAfter reads what a collector asks to wait.
func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "120": 2 * time.Minute, "Sat, 28 Nov 2026 12:05:00 GMT": 5 * time.Minute, "-1": 0, "soon": 0, "99999999999999999999": 0,
	} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("retryAfter(%q) = %v, want %v", text, got, want)
		}
	}
}
