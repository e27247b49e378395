package journaltest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
)

// Flights reads the notation in which most stories tell what was recorded. A flight is a
// line, and each of its legs a line below it:
//
//	flight 2 boot=b up=9s landed=SIGTERM shutdown=yes
//		0s..1m   1970-01-01 00:00:09  unsynced
//		1m..10m  2025-06-15 15:07:40  synced step ±1ms
//
// Flights are numbered in order of takeoff. Words of a flight, all of them optional:
//
//	boot=ID      the boot's ID
//	up=SPAN      the boot clock at takeoff, and awake=SPAN the one that stops in suspend
//	lost         no landing (also where nothing is said), or
//	aloft        it still goes on, or
//	landed=WHY   the landing's reason, with shutdown=yes or shutdown=no, and
//	             to=reboot, poweroff, halt or kexec
//	lane= host= machine= interval= continues=NUMBER
//	journal= hardware=       the journal's ID, the board's serial number
//	container=KIND           laid over the kernel's boot ID, or container=none
//	built=DATE               of the recorder
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
// Two further lines of a flight tell of its black box:
//
//	found rsts=0x1000 wtmp=boot@1764324000+shutdown@1764325000
//	at 59s temperature_c=61 undervoltage=1 alarm=undervoltage
//
// The first is evidence, with + for the space in a value. The second is a sample, by the
// time since takeoff, with vitals and alarms as a dump spells them.
//
// Spans are those of Go, with days before: 3d1h. What follows a # at the beginning of a word is a remark.
func Flights(t testing.TB, text string) []journal.Flight {
	t.Helper()
	n := notation{TB: t}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		line, _, _ = strings.Cut(line, " #")
		switch words := strings.Fields(line); {
		case len(words) == 0:
		case words[0] == "flight":
			n.flight(words[1:])
		case words[0] == "found":
			n.found(words[1:])
		case words[0] == "at":
			n.sample(words[1], words[2:])
		default:
			n.leg(words)
		}
	}
	return n.flights
}

// notation reads the notation of stories.
type notation struct {
	testing.TB
	flights []journal.Flight
	crystal float64
	ahead   time.Duration // of the raw clock
	noRaw   bool
}

// number reads a number.
func (n *notation) number(text string) int {
	n.Helper()
	number, err := strconv.Atoi(text)
	if err != nil {
		n.Fatalf("%q: not a number", text)
	}
	return number
}

// flight begins a flight.
func (n *notation) flight(words []string) {
	n.Helper()
	n.crystal, n.ahead, n.noRaw = 0, 0, false
	n.flights = append(n.flights, Flight(n.number(words[0]), "", clock.Unknown))
	f := &n.flights[len(n.flights)-1]
	for _, word := range words[1:] {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "boot":
			f.Takeoff.Boot = value
		case "up":
			f.Takeoff.SinceBoot = Span(n, value)
		case "lane":
			f.Lane = value
		case "awake":
			f.Takeoff.AwakeSinceBoot = Span(n, value)
		case "journal":
			f.Takeoff.Journal = value
		case "hardware":
			f.Takeoff.Hardware = value
		case "container":
			f.Takeoff.BootOrigin, f.Takeoff.Container = clock.BootOriginContainer, value
			if value == "none" {
				f.Takeoff.BootOrigin, f.Takeoff.Container = clock.BootOriginKernel, ""
			}
		case "built":
			f.Takeoff.Built = Instant(n, value+" 00:00:00")
		case "host":
			f.Takeoff.Host = value
		case "machine":
			f.Takeoff.Machine = value
		case "interval":
			f.Takeoff.Interval = Span(n, value)
		case "continues":
			f.Takeoff.Continues = ID(n.number(value))
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
		case "to":
			f.Landing.To = value
		default:
			n.Fatalf("flight %s: unknown word %q", words[0], word)
		}
	}
}

// leg adds a leg to the flight.
func (n *notation) leg(words []string) {
	n.Helper()
	if len(n.flights) == 0 || len(words) < 4 {
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
	first := journal.Fix{Elapsed: Span(n, from), Wall: Instant(n, words[1]+" "+words[2]), MaxError: clock.Unknown}
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
			first.MaxError = Span(n, name)
		case name == "asleep":
			asleep = Span(n, value)
		case name == "raw":
			raw = Span(n, value)
		case name == "end":
			end = value
		case name == "source":
			leg.Source = clock.Source(value)
		default:
			if err := leg.Cause.UnmarshalText([]byte(word)); err != nil {
				n.Fatal(err)
			}
		}
	}
	last := first
	last.Elapsed = Span(n, to)
	last.Wall = first.Wall.Add(last.Elapsed - first.Elapsed)
	if end != "" {
		last.Wall = Instant(n, strings.ReplaceAll(end, "_", " "))
	}
	if grown != "" {
		last.MaxError = Span(n, grown)
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
	f := &n.flights[len(n.flights)-1]
	f.Legs = append(f.Legs, leg)
}

// found adds evidence to the flight.
func (n *notation) found(words []string) {
	f := &n.flights[len(n.flights)-1]
	for _, word := range words {
		source, value, _ := strings.Cut(word, "=")
		f.Evidence = append(f.Evidence, journal.Clue{Source: source, Value: strings.ReplaceAll(value, "+", " ")})
	}
}

// sample adds a sample to the flight.
func (n *notation) sample(at string, words []string) {
	n.Helper()
	s := journal.Sample{Elapsed: Span(n, at)}
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		if name == "alarm" {
			a, err := journal.ParseAlarm(value)
			if err != nil {
				n.Fatal(err)
			}
			s.Alarms |= a
			continue
		}
		vital, err := journal.ParseVital(name)
		if err != nil {
			n.Fatal(err)
		}
		s.Values = append(s.Values, journal.Value{Vital: vital, N: int64(n.number(value))})
	}
	slices.SortFunc(s.Values, func(a, b journal.Value) int { return cmp.Compare(a.Vital, b.Vital) })
	f := &n.flights[len(n.flights)-1]
	older, latest := f.Vitals.Parts()
	log := []journal.Record{}
	if older.Samples > 0 {
		log = append(log, older)
	}
	for _, s := range latest {
		log = append(log, s)
	}
	f.Vitals = journal.NewVitals(append(log, s)...)
}

// Span reads a duration, with days before.
func Span(t testing.TB, text string) time.Duration {
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

// Instant reads a date and a time in UTC.
func Instant(t testing.TB, text string) journal.Instant {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04:05", text)
	if err != nil {
		t.Fatal(err)
	}
	return journal.InstantOf(at)
}
