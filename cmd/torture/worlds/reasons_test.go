package worlds

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/journaltest"
	"flightrec/journal/recorder"
	"flightrec/reports"

	"github.com/segmentio/ksuid"
	"pgregory.net/rapid"
)

// A wayDown is how a boot ended, in truth.
type wayDown uint8

const (
	endCut      wayDown = iota // somebody pulled the plug
	endBrownout                // the voltage fell
	endPanic                   // the kernel panicked
	endHang                    // nothing ran any more
	endForced                  // a reset that nobody was told of
	endOrdered                 // an order, of which the recorder was told
	endKilled                  // an order, after the recorder was killed
	endMemory                  // a process was killed for lack of memory, and then the plug was pulled
	endHeat                    // it was too hot
	waysDown
)

// board is a machine as far as it leaves evidence.
type board struct {
	chip, status bool // a power chip, and a register of resets, that tell why
	card         bool // a watchdog that says that it reset the machine
	guarded      bool // a watchdog would
	wtmp, pstore bool // the system writes down boots and shutdowns, and the kernel panics
	reboots      bool // after a panic
}

// A bootEnd is a boot and its end.
type bootEnd struct {
	end      wayDown
	lasts    time.Duration
	recorded bool
}

// reason is what came of a life.
type reason struct {
	boots   []bootEnd
	skipped []bool // whether boots that nobody recorded come before
	board   board
}

func drawReasons(t *rapid.T) (r reason) {
	yes := func(name string) bool { return rapid.Bool().Draw(t, name) }
	r.board = board{yes("chip"), yes("status"), yes("card"), yes("guarded"), yes("wtmp"), yes("pstore"), yes("reboots")}
	for range rapid.IntRange(2, 7).Draw(t, "boots") {
		r.boots = append(r.boots, bootEnd{
			end:      wayDown(rapid.IntRange(0, int(waysDown)-1).Draw(t, "end")),
			lasts:    time.Duration(rapid.IntRange(20, 400).Draw(t, "seconds")) * time.Second,
			recorded: rapid.IntRange(0, 4).Draw(t, "recorded") > 0,
		})
	}
	r.boots[len(r.boots)-1].recorded = true
	return r
}

// evidence is what firmware, kernel and system have to tell, by the end of the boot before.
type evidence struct {
	board
	before wayDown
	first  bool
	marks  []string
	panics []string
	on     time.Time // when the boot began
}

// pulled reports whether power was cut between two boots, in whatever way.
func (b board) pulled(e wayDown) bool {
	return e == endCut || e == endBrownout || e == endMemory || e == endHang && !b.guarded || e == endPanic && !b.reboots
}

func (e *evidence) Evidence() (all journal.Evidence) {
	tell := func(source, value string) { all = append(all, journal.Clue{Source: source, Value: value}) }
	register := map[bool]string{true: "0x1000", false: "0x20"}
	if e.chip {
		tell("power_reset", map[wayDown]string{endBrownout: "0x2", endHeat: "0x4"}[e.before])
		if all[0].Value == "" || e.first {
			all[0].Value = "0x0"
		}
	}
	if e.status && !e.first {
		tell("rsts", register[e.pulled(e.before)])
	}
	state, bits := "inactive", 0
	if e.guarded {
		state = "active"
	}
	if e.card && e.guarded && e.before == endHang && !e.first {
		bits = 32
	}
	tell("watchdog", fmt.Sprintf("watchdog0 bootstatus=%d state=%s", bits, state))
	if e.wtmp {
		tell("wtmp", strings.Join(e.marks[max(0, len(e.marks)-4):], " "))
	}
	for _, p := range e.panics[max(0, len(e.panics)-4):] {
		tell("pstore", p)
	}
	return all
}

// vitals are what is measured in a boot, by how it will end and how long it still lasts.
type vitals struct {
	evidence
	end      wayDown
	waysDown time.Time
}

func (v *vitals) Vitals() []journal.Value {
	left := time.Until(v.waysDown)
	low, kills, pressure, room := int64(0), int64(0), int64(0), int64(50)
	switch {
	case v.end == endBrownout && left < 5*time.Second:
		low = 1
	case v.end == endMemory && left < 30*time.Second:
		kills, pressure = 1, 50
	case v.end == endHeat && left < time.Minute:
		room = 2
	}
	return []journal.Value{{Vital: journal.VitalUndervoltage, N: low}, {Vital: journal.VitalOOMKills, N: kills},
		{Vital: journal.VitalMemoryPressure, N: pressure}, {Vital: journal.VitalHeadroom, N: room}}
}

// mortal is a lane that waysDown with its machine.
type mortal struct {
	lane
	dies time.Time
}

func (m mortal) Append(id ksuid.KSUID, records ...journal.Record) error {
	if !time.Now().Before(m.dies) {
		return journal.ErrLaneLost
	}
	return m.lane.Append(id, records...)
}

// live lets r's boots happen, with the real recorder in each that is recorded.
func (r *reason) live(t *testing.T) []journal.Flight {
	card := journaltest.NewMemory(0)
	synctest.Test(t, func(t *testing.T) {
		e := evidence{board: r.board, first: true}
		skipped := false
		for i, b := range r.boots {
			time.Sleep(time.Minute) // it was down
			e.on = time.Now()
			e.marks = append(e.marks, fmt.Sprintf("boot@%d", e.on.Unix()))
			dies := e.on.Add(b.lasts)
			if b.recorded {
				r.skipped = append(r.skipped, skipped)
				skipped = false
				recordBoot(t, card, &vitals{e, b.end, dies}, i)
			} else {
				skipped = true
			}
			time.Sleep(time.Until(dies.Add(time.Second)))
			switch b.end {
			case endPanic:
				if r.board.pstore {
					e.panics = append(e.panics, fmt.Sprintf("dmesg-ramoops-0 %s 5000", dies.UTC().Add(time.Second).Format(time.RFC3339)))
				}
			case endOrdered, endKilled:
				e.marks = append(e.marks, fmt.Sprintf("shutdown@%d", time.Now().Unix()))
			}
			e.before, e.first = b.end, false
		}
	})
	r.boots = slices.DeleteFunc(r.boots, func(b bootEnd) bool { return !b.recorded })
	return card.Flights()
}

// recordBoot records one boot.
func recordBoot(t *testing.T, card *journaltest.Memory, v *vitals, i int) {
	lane := card.Open()
	defer lane.Close()
	dies := v.waysDown
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	if v.end == endOrdered {
		dies = dies.Add(time.Hour)
		time.AfterFunc(time.Until(v.waysDown), func() { cancel(errors.New("SIGTERM")) })
	}
	alarms := make(chan struct{}, 1)
	if v.end == endBrownout {
		time.AfterFunc(time.Until(v.waysDown)-4*time.Second, func() { alarms <- struct{}{} })
	}
	err := recorder.Record(ctx, mortal{lane, dies}, recorder.Config{
		Now: func() clock.Reading {
			up := time.Since(v.on)
			return clock.Reading{Boot: up, Awake: up, Raw: up, Absolute: true, AwakeAbsolute: true, Wall: time.Now(), Sync: clock.SyncSynced, MaxError: time.Millisecond, Source: "adjtimex"}
		},
		GoingDown: func(context.Context) (bool, bool, string) { return true, true, "reboot" },
		Identity:  clock.Identity{Host: "pi", Machine: "m", Boot: fmt.Sprintf("boot-%d", i), BootOrigin: clock.BootOriginKernel},
		Interval:  10 * time.Second, Log: slog.New(slog.DiscardHandler), BlackBox: v, Alarms: alarms,
	})
	if err != nil && !errors.Is(err, journal.ErrLaneLost) {
		t.Error(err)
	}
}

// TestReasons lets machines of many kinds go down in many ways, recorded by the real
// recorder, and demands that no verdict goes beyond what their evidence allows: what is
// proven is true, what is likely can't be told from the truth by anything that was
// written down; and that what leaves evidence is found.
func TestReasons(t *testing.T) {
	n := 20000
	if testing.Short() {
		n = 500
	}
	set(t, "rapid.checks", fmt.Sprint(n))
	told := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		r := drawReasons(rt)
		flights := r.live(t)
		for m := range reports.New(flights, reports.Options{Show: reports.Show{All: true}}).Machines {
			var downs []*reports.Period
			for i := range m.Periods {
				if p := &m.Periods[i]; p.Outage() {
					downs = append(downs, p)
				}
			}
			if len(downs) != len(flights)-1 {
				rt.Fatalf("%d outages of %d flights", len(downs), len(flights))
			}
			for i, p := range downs {
				if err := r.judge(i, p); err != nil {
					rt.Fatalf("outage %d of %+v: %v %s %v: %v", i+1, r, p.Cause, p.Verdict.Reason(), p.Verdict.Certainty, err)
				}
				told[p.Verdict.Reason()+" "+p.Verdict.Certainty.String()]++
			}
		}
	})
	t.Logf("told %v", told)
	for _, want := range []string{"crash,power,undervoltage proven", "crash,power likely", "crash,panic likely", "crash,watchdog proven", "crash,watchdog likely", "crash,oom likely", "crash,thermal proven", "shutdown proven", "shutdown,reboot proven"} {
		if told[want] == 0 {
			t.Errorf("%s was never told", want)
		}
	}
}

// judge returns what is wrong with what is told of the end of the i-th boot recorded.
func (r *reason) judge(i int, p *reports.Period) error {
	b, truth := r.board, r.boots[i].end
	reason, sure := p.Verdict.Reason(), p.Verdict.Certainty
	ordered := truth == endOrdered || truth == endKilled
	if p.Cause == reports.CauseShutdown && !ordered {
		return errors.New("nobody ordered it")
	}
	if ordered && (truth == endOrdered || b.wtmp && !r.skipped[i+1]) && p.Cause != reports.CauseShutdown {
		return errors.New("it was ordered, and that was written down")
	}
	if r.skipped[i+1] && !b.wtmp {
		return nil // nothing tells that another boot lies between
	}
	holds := map[string]bool{
		"":                         true,
		"shutdown":                 truth == endKilled,
		"shutdown,reboot":          truth == endOrdered,
		"crash,power,undervoltage": truth == endBrownout,
		"crash,power":              b.pulled(truth),
		"crash,panic":              truth == endPanic,
		"crash,watchdog":           truth == endHang && b.guarded,
		"crash,oom":                truth == endMemory,
		"crash,thermal":            truth == endHeat,
	}
	// A reset by a watchdog can't be told from one that was forced, by a panic without a
	// record, or ordered where nobody writes that down.
	same := reason == "crash,watchdog" && !b.pulled(truth) && b.status
	if !holds[reason] && (sure != reports.CertaintyLikely || !same) {
		return errors.New("that isn't true")
	}
	if sure == reports.CertaintyProven && !holds[reason] {
		return errors.New("proven, and not true")
	}
	must := ""
	switch {
	case r.skipped[i+1]:
	case truth == endBrownout && b.chip:
		must = "crash,power,undervoltage"
	case truth == endPanic && b.pstore:
		must = "crash,panic"
	case truth == endHang && b.guarded && b.card:
		must = "crash,watchdog"
	case truth == endHeat && b.chip:
		must = "crash,thermal"
	}
	if must != "" && reason != must {
		return fmt.Errorf("there is evidence for %s", must)
	}
	return nil
}
