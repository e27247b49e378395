package main

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"

	"github.com/segmentio/ksuid"
)

// expand turns the notation in which most stories tell what was recorded into the
// lines of a dump. A flight is a line, and each of its legs a line below it:
//
//	flight 2 boot=b up=9s landed=SIGTERM shutdown=yes
//		0s..1m   1970-01-01 00:00:09  unsynced
//		1m..10m  2025-06-15 15:07:40  synced step ±1ms
//
// Flights are numbered in order of takeoff. Words of a flight, all of them optional:
//
//	boot=ID      the boot's ID
//	up=SPAN      the boot clock at takeoff
//	lost         no landing (also where nothing is said), or
//	aloft        it still goes on, or
//	landed=WHY   the landing's reason, with shutdown=yes or shutdown=no
//	lane= host= machine= interval= continues=NUMBER
//	crystal=PPM  the raw clock's rate against the disciplined ones
//	raw=none     there is no raw clock
//
// A leg has its first and last heartbeat by the time since takeoff (or but one
// heartbeat), the wall clock at the first, and the sync state. Optional:
//
//	step, sync, wake, stall  why the leg began
//	±SPAN                    the maximum error, else 0 for synced, unknown for others;
//	                         ±SPAN..SPAN if it grew
//	asleep=SPAN              how long the machine had slept since takeoff
//	raw=SPAN                 how far the raw clock got ahead within the leg
//	end=TIME                 the wall clock at the last heartbeat, with _ for the space
//	source=WORD              what told the sync state, else adjtimex
//
// Spans are those of Go, with days before: 3d1h. What follows a # is a remark.
func expand(t *testing.T, text string) (lines []byte) {
	t.Helper()
	n := notation{T: t}
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		switch words := strings.Fields(line); {
		case len(words) == 0:
		case words[0] == "flight":
			lines = n.finish(lines)
			n.flight(words[1:])
		default:
			n.leg(words)
		}
	}
	return n.finish(lines)
}

// notation reads the notation of stories.
type notation struct {
	*testing.T
	at      *journal.Flight
	crystal float64
	ahead   time.Duration // of the raw clock
	noRaw   bool
}

// storyID returns the ID of a story's n-th flight.
func storyID(t *testing.T, number string) ksuid.KSUID {
	t.Helper()
	n, err := strconv.Atoi(number)
	if err != nil {
		t.Fatalf("flight %q: not a number", number)
	}
	var id ksuid.KSUID
	id[0], id[18], id[19] = 1, byte(n>>8), byte(n)
	return id
}

func (n *notation) finish(lines []byte) []byte {
	if n.at != nil {
		lines = append(journal.AppendFlight(lines, n.at), "}\n"...)
	}
	return lines
}

// flight begins a flight.
func (n *notation) flight(words []string) {
	n.Helper()
	n.crystal, n.ahead, n.noRaw = 0, 0, false
	n.at = &journal.Flight{ID: storyID(n.T, words[0]), Lane: "lane-0", Takeoff: journal.Takeoff{
		Identity:  clock.Identity{Host: "pi", Machine: "m", OS: "linux/arm"},
		SinceBoot: clock.Unknown, Recorder: "1", PID: 1,
	}}
	f := n.at
	for _, word := range words[1:] {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "boot":
			f.Takeoff.Boot = value
		case "up":
			f.Takeoff.SinceBoot = span(n.T, value)
		case "lane":
			f.Lane = value
		case "host":
			f.Takeoff.Host = value
		case "machine":
			f.Takeoff.Machine = value
		case "interval":
			f.Takeoff.Interval = span(n.T, value)
		case "continues":
			f.Takeoff.Continues = storyID(n.T, value)
		case "crystal":
			ppm, err := strconv.ParseFloat(value, 64)
			if err != nil {
				n.Fatalf("crystal %q: not a number", value)
			}
			n.crystal = ppm
		case "raw":
			n.noRaw = value == "none"
		case "lost":
		case "aloft":
			f.Ending = journal.EndingAloft
		case "landed":
			f.Ending, f.Landing = journal.EndingLanded, &journal.Landing{Reason: value}
		case "shutdown":
			f.Landing.Shutdown = map[string]journal.Shutdown{"yes": journal.ShutdownYes, "no": journal.ShutdownNo}[value]
		default:
			n.Fatalf("flight %s: unknown word %q", words[0], word)
		}
	}
}

// leg adds a leg to the flight.
func (n *notation) leg(words []string) {
	n.Helper()
	if n.at == nil || len(words) < 4 {
		n.Fatalf("not a leg: %q", words)
	}
	from, to, long := strings.Cut(words[0], "..")
	if !long {
		to = from
	}
	var leg journal.Leg
	leg.Beats, leg.Source = 1, "adjtimex"
	if long {
		leg.Beats = 2
	}
	first := journal.Fix{Elapsed: span(n.T, from), Wall: instant(n.T, words[1]+" "+words[2]), MaxError: clock.Unknown}
	if err := first.Sync.UnmarshalText([]byte(words[3])); err != nil {
		n.Fatal(err)
	}
	if first.Sync == clock.SyncSynced {
		first.MaxError = 0
	}
	var asleep, raw time.Duration
	var end, grown string
	for _, word := range words[4:] {
		name, value, _ := strings.Cut(word, "=")
		switch {
		case strings.HasPrefix(name, "±"):
			name, grown, _ = strings.Cut(strings.TrimPrefix(name, "±"), "..")
			first.MaxError = span(n.T, name)
		case name == "asleep":
			asleep = span(n.T, value)
		case name == "raw":
			raw = span(n.T, value)
		case name == "end":
			end = value
		case name == "source":
			leg.Source = value
		default:
			if err := leg.Cause.UnmarshalText([]byte(word)); err != nil {
				n.Fatal(err)
			}
		}
	}
	last := first
	last.Elapsed = span(n.T, to)
	last.Wall = first.Wall.Add(last.Elapsed - first.Elapsed)
	if end != "" {
		last.Wall = instant(n.T, strings.ReplaceAll(end, "_", " "))
	}
	if grown != "" {
		last.MaxError = span(n.T, grown)
	}
	for _, fix := range []*journal.Fix{&first, &last} {
		fix.Awake = fix.Elapsed - asleep
		fix.Raw = fix.Awake + time.Duration(float64(fix.Awake)*n.crystal/1e6)
	}
	first.Raw += n.ahead
	n.ahead += raw
	last.Raw += n.ahead
	if n.noRaw {
		first.Raw, last.Raw = clock.Unknown, clock.Unknown
	}
	leg.First, leg.Last = first, last
	n.at.Legs = append(n.at.Legs, leg)
}

// span reads a duration, with days before.
func span(t *testing.T, text string) time.Duration {
	t.Helper()
	days, rest, ok := strings.Cut(text, "d")
	if !ok {
		days, rest = "0", text
	}
	n, err := strconv.Atoi(days)
	if err != nil {
		t.Fatalf("span %q: %v", text, err)
	}
	var d time.Duration
	if rest != "" {
		if d, err = time.ParseDuration(rest); err != nil {
			t.Fatal(err)
		}
	}
	return time.Duration(n)*24*time.Hour + d
}

// instant reads a date and a time in UTC.
func instant(t *testing.T, text string) journal.Instant {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04:05", text)
	if err != nil {
		t.Fatal(err)
	}
	return journal.InstantOf(at)
}
