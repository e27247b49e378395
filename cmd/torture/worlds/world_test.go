package worlds

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/journaltest"

	"github.com/segmentio/ksuid"
	"pgregory.net/rapid"
)

// A world is a true history of a board or two and their cards.
type world struct {
	named    bool // the system tells boot IDs
	since    bool // the system tells the boot clock since boot
	stores   bool // the cards have real stores, not memory
	interval time.Duration
	longest  time.Duration // bounds what between draws
	lives    []*life       // of each board in their order
	shifts   []shift
	copied   *journal.Instant // when card 0 was copied to card 1

	t          *rapid.T
	now        journal.Instant // in a world that is being drawn
	odd        *life           // the one that a kind is about
	leaps      []journal.Instant
	crystal    int64 // of all boards, in ppm, if it is an odd one
	oneJournal bool  // both cards have one journal's ID
	newer      bool  // recorders tell whose boot ID it is, what board, and what journal

	flights []journal.Flight // as read from the cards
	records map[ksuid.KSUID]*record
}

// A shift is a run of the recorder in a boot, from on until before off.
type shift struct {
	life    *life
	card    int
	as      *clock.Identity // if another than the life's
	on, off journal.Instant
	landing *journal.Landing // nil for a recorder that is killed, or loses its power
	turn    int              // orders what recorders do within one tick: the lowest acts first
}

// A record is what is true of one flight.
type record struct {
	shift
	id    ksuid.KSUID
	beats []journal.Instant // the true times of its heartbeats
}

func (r *record) span() ground.Span {
	return ground.Span{Start: r.life.UTC(r.beats[0]), End: r.life.UTC(r.beats[len(r.beats)-1])}
}

// boards names the boards.
var boards = []string{"board-0", "board-1"}

// drawWorld draws a world.
func drawWorld(t *rapid.T) *world {
	w := &world{named: rapid.IntRange(0, 3).Draw(t, "named") > 0, since: rapid.IntRange(0, 3).Draw(t, "since") > 0}
	w.interval = rapid.SampledFrom([]time.Duration{10 * time.Second, 10 * time.Minute, 6 * hour}).Draw(t, "interval")
	w.longest = 30 * w.interval
	w.stores = rapid.IntRange(0, 7).Draw(t, "stores") == 0
	one := func(int) (board, card int) { return 0, 0 }
	switch rapid.SampledFrom([]string{"one", "one", "one", "one", "two", "moved", "copied"}).Draw(t, "boards") {
	case "one":
		w.history(t, noon, 5, one)
	case "two":
		w.history(t, noon, 3, one)
		w.history(t, noon, 3, func(int) (board, card int) { return 1, 1 })
	case "moved": // one card in two boards by turns
		w.history(t, noon, 5, func(int) (board, card int) { return rapid.IntRange(0, 1).Draw(t, "board"), 0 })
	case "copied": // from then on both go on
		at := w.history(t, noon, 2, one).Add(time.Millisecond)
		w.copied = &at
		w.history(t, at.Add(time.Millisecond), 2, one)
		w.history(t, at.Add(time.Millisecond), 3, func(int) (board, card int) { return 1, 1 })
	}
	return w
}

// history draws boots one after the other, and returns the end of the last.
func (w *world) history(t *rapid.T, now journal.Instant, most int, where func(int) (board, card int)) journal.Instant {
	for n := range rapid.IntRange(1, most).Draw(t, "boots") {
		board, card := where(n)
		l := &life{w: w, t: t, board: board, boot: fmt.Sprint("boot-", len(w.lives))}
		l.Life = journaltest.NewLife(now.Add(l.between("down", 0, 30*day)))
		l.draw()
		w.lives = append(w.lives, l)
		w.record(t, l, card)
		now = l.Now
	}
	return now
}

// record draws the recorders of l: one after the other, or at the same time.
func (w *world) record(t *rapid.T, l *life, card int) {
	instant := func(name string, from, to journal.Instant) journal.Instant {
		return from.Add(time.Duration(rapid.Int64Range(0, max(0, int64(to.Sub(from)))).Draw(t, name)).Truncate(tick))
	}
	for range rapid.IntRange(1, 3).Draw(t, "recorders") {
		s := shift{life: l, card: card, turn: drawTurn(t)}
		began := l.Start().Add(time.Millisecond)
		s.on = instant("on", began, l.sigterm.Add(-tick))
		if rapid.Bool().Draw(t, "at once") {
			s.on = began
		}
		s.off = l.sigterm
		switch rapid.SampledFrom([]string{"", "", "stopped", "killed"}).Draw(t, "ends") {
		case "":
			if l.down {
				s.land(t, journal.ShutdownYes)
			}
		case "stopped":
			s.off = instant("off", s.on.Add(tick), l.sigterm)
			s.land(t, journal.ShutdownNo)
		case "killed":
			s.off = instant("off", s.on.Add(tick), l.sigterm)
		}
		var alive bool
		if s.on, alive = l.Awaken(s.on); !alive || s.on >= l.sigterm {
			continue
		}
		s.off = max(s.off, s.on.Add(tick))
		if s.landing != nil {
			// A machine that is asleep lands when it wakes, if it does.
			if s.off, alive = l.Awaken(s.off); !alive {
				s.landing = nil
			}
		}
		w.shifts = append(w.shifts, s)
	}
}

// land makes s land, with the answer whether the machine is going down, or none.
func (s *shift) land(t *rapid.T, answer journal.Shutdown) {
	if rapid.IntRange(0, 2).Draw(t, "no answer") == 0 {
		answer = journal.ShutdownUnknown
	}
	s.landing = &journal.Landing{Reason: "SIGTERM", Shutdown: answer}
}

// livesOf returns the lives of a board that some flight tells of, in their order.
func (w *world) livesOf(board int) []*life {
	return slices.DeleteFunc(slices.Clone(w.lives), func(l *life) bool { return l.board != board || len(l.flights) == 0 })
}

// stamp is how times are told.
const stamp = "2006-01-02 15:04:05.000"

// tell writes the truth for people.
func (w *world) tell() string {
	var text strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&text, format+"\n", args...) }
	say("boot IDs %v, boot clocks %v, a heartbeat each %v, all times in UTC", w.named, w.since, w.interval)
	for _, l := range w.lives {
		ending := "loses its power"
		if l.down {
			ending = "goes down since " + l.sigterm.Time().Format(stamp)
		}
		say("%s, %s: from %v to %v, then it %s", boards[l.board], l.boot, l.Start().Time().Format(stamp), l.Now.Time().Format(stamp), ending)
		for _, event := range l.news {
			say("    %s", event)
		}
		for _, r := range l.flights {
			say("  flight %v on card %d: %d heartbeats from %v to %v, landing %+v", r.id, r.card, len(r.beats), r.span().Start.Time().Format(stamp), r.span().End.Time().Format(stamp), r.landing)
		}
	}
	if w.copied != nil {
		say("card 0 was copied to card 1 at %v", w.copied.Time().Format(stamp))
	}
	return text.String()
}

// tellGrounding writes what was made of it for people.
func tellGrounding(boots []ground.Boot) string {
	var text strings.Builder
	for _, b := range boots {
		fmt.Fprintf(&text, "%s, %s: %v .. %v\n", b.Machine, cmp.Or(b.ID, "a boot"), b.Start.Time().Format(stamp), b.End.Time().Format(stamp))
		for _, f := range b.Flights {
			fmt.Fprintf(&text, "  flight %v %s since %v grounding %d error %v pauses %v\n", f.ID, f.Lane, f.Takeoff.SinceBoot, f.Grounding, f.Error, f.Pauses)
			fmt.Fprintf(&text, "    drawn %v .. %v\n", f.Start.Time().Format(stamp), f.End.Time().Format(stamp))
			for _, side := range []struct {
				name string
				at   *journal.Instant
			}{{"before", f.Window.Earliest}, {"after", f.Window.Latest}} {
				if side.at != nil {
					fmt.Fprintf(&text, "    not %s %v\n", side.name, side.at.Time().Format(stamp))
				}
			}
			for _, leg := range f.Legs {
				fmt.Fprintf(&text, "    leg %v %d\n      %v %v\n      %v %v\n", leg.Last.Sync, leg.Beats, leg.First, leg.First.Wall.Time().Format(stamp), leg.Last, leg.Last.Wall.Time().Format(stamp))
			}
		}
	}
	return text.String()
}
