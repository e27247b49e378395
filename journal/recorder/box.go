package recorder

import (
	"cmp"
	"slices"
	"time"

	"flightrec/journal"
)

// BlackBox tells why the machine may go down, as package blackbox does.
type BlackBox interface {
	Evidence() journal.Evidence // what is known of how this boot came about
	Vitals() []journal.Value    // what can be measured now, in order of vitals
}

const (
	// evidenceTime is how long after takeoff evidence is looked for: at boot, panic records
	// are put into place and drivers loaded beside the recorder. A look opens a hundred files,
	// so the next one comes when the flight is twice as old.
	evidenceTime = 2 * time.Minute
	// lookGap is the shortest time between two looks, for who wants a heartbeat each
	// millisecond.
	lookGap = time.Second / 2
	// maxEvidence bounds the clues of a flight.
	maxEvidence = 64
	// alarmGap is the shortest time between two heartbeats that alarms have written.
	alarmGap = 10 * time.Second
	// critical is how far from its critical temperature, in °C, a zone raises an alarm;
	// hot is what does where none is known.
	critical = 5
	hot      = 85
)

// box is what a flight tells of its black box.
type box struct {
	BlackBox
	told    map[journal.Vital]int64 // what the journal has
	read    map[journal.Vital]int64 // at the latest look
	clues   journal.Evidence        // what the journal has
	lookFor time.Duration           // when evidence is looked for again, since takeoff
	append  time.Duration           // how long the last append took
	refused int64                   // appends
	// lookedAt is when vitals were looked at for a heartbeat, if they were.
	lookedAt time.Duration
	looked   bool
	pending  journal.Alarms  // that rose and aren't in the journal
	alarms   []time.Duration // when alarms had heartbeats written, since takeoff, in the last day
}

func newBox(b BlackBox) box {
	told := map[journal.Vital]int64{journal.VitalRefused: 0, journal.VitalAlarms: 0} // without being told
	return box{BlackBox: b, told: told, read: map[journal.Vital]int64{}}
}

// records returns what goes with a heartbeat: news alone.
func (b *box) records(elapsed time.Duration) (all []journal.Record) {
	if b.BlackBox == nil || b.looked && elapsed-b.lookedAt < lookGap && b.pending == 0 {
		return nil
	}
	b.looked, b.lookedAt = true, elapsed
	if elapsed <= evidenceTime && elapsed >= b.lookFor {
		b.lookFor = 2 * elapsed
		if news := b.news(); len(news) > 0 {
			all = append(all, news)
		}
	}
	values := b.look()
	b.forget(elapsed)
	values = append(values, journal.Value{Vital: journal.VitalRefused, N: b.refused}, journal.Value{Vital: journal.VitalAlarms, N: int64(len(b.alarms))})
	if b.append > 0 {
		values = append(values, journal.Value{Vital: journal.VitalAppend, N: b.append.Milliseconds()})
	}
	values = slices.DeleteFunc(values, func(v journal.Value) bool { return !b.tells(v) })
	slices.SortFunc(values, func(v, w journal.Value) int { return cmp.Compare(v.Vital, w.Vital) })
	if len(values) > 0 || b.pending != 0 {
		all = append(all, journal.Sample{Elapsed: elapsed.Truncate(time.Second), Alarms: b.pending, Values: values})
	}
	return all
}

// news returns the evidence that the journal doesn't have.
func (b *box) news() journal.Evidence {
	news := slices.DeleteFunc(b.Evidence(), func(c journal.Clue) bool { return slices.Contains(b.clues, c) })
	return news[:min(len(news), maxEvidence-len(b.clues))]
}

// look measures, and notes the alarms that rise.
func (b *box) look() []journal.Value {
	values := b.Vitals()
	zones := slices.ContainsFunc(values, func(v journal.Value) bool { return v.Vital == journal.VitalHeadroom })
	for _, v := range values {
		before, known := b.read[v.Vital]
		b.read[v.Vital] = v.N
		switch v.Vital {
		case journal.VitalUndervoltage:
			b.rise(journal.AlarmUndervoltage, v.N > 0 && before == 0)
		case journal.VitalOOMKills:
			b.rise(journal.AlarmOOM, known && v.N > before)
		case journal.VitalHeadroom:
			b.rise(journal.AlarmHeat, v.N <= critical && !(known && before <= critical))
		case journal.VitalTemperature:
			b.rise(journal.AlarmHeat, !zones && v.N >= hot && !(known && before >= hot))
		}
	}
	return values
}

// rise notes that an alarm rises.
func (b *box) rise(a journal.Alarms, rises bool) {
	if rises {
		b.pending |= a
	}
}

// rises measures, and reports whether an alarm has risen for which a heartbeat is to be
// written at once. Else it goes with the next one.
func (b *box) rises(elapsed time.Duration) bool {
	if b.BlackBox == nil {
		return false
	}
	b.look()
	b.forget(elapsed)
	n := len(b.alarms)
	if b.pending == 0 || n >= journal.MaxAlarms || n > 0 && elapsed-b.alarms[n-1] < alarmGap {
		return false
	}
	b.alarms = append(b.alarms, elapsed)
	return true
}

// forget drops the alarms of more than a day ago.
func (b *box) forget(elapsed time.Duration) {
	b.alarms = slices.DeleteFunc(b.alarms, func(at time.Duration) bool { return elapsed-at >= 24*time.Hour })
}

// written notes that records are in the journal, or were refused for err.
func (b *box) written(all []journal.Record, took time.Duration, err error) {
	b.append = took
	if err != nil {
		b.refused++
		return
	}
	for _, r := range all {
		switch r := r.(type) {
		case journal.Evidence:
			b.clues = append(b.clues, r...)
		case journal.Sample:
			b.pending &^= r.Alarms
			for _, v := range r.Values {
				b.told[v.Vital] = v.N
			}
		}
	}
}

// grains are by how much a vital must differ from what the journal has to be told again:
// by a part of that, and by so much at least. Others are told at each change. It keeps
// what a heartbeat takes on disk: most tell nothing new.
var grains = map[journal.Vital]struct{ part, least int64 }{
	journal.VitalTemperature:    {0, 2},
	journal.VitalHeadroom:       {0, 2},
	journal.VitalMemory:         {8, 16},
	journal.VitalLoad:           {4, 50},
	journal.VitalMemoryPressure: {0, 5},
	journal.VitalIOPressure:     {0, 10},
	journal.VitalDiskFree:       {16, 64},
	journal.VitalAppend:         {2, 20},
	journal.VitalWritten:        {2, 1 << 10},
	journal.VitalDeviceWritten:  {4, 64},
}

// tells reports whether v differs enough from what the journal has.
func (b *box) tells(v journal.Value) bool {
	told, known := b.told[v.Vital]
	g, coarse := grains[v.Vital]
	if !known || !coarse {
		return !known || told != v.N
	}
	least := g.least
	if g.part > 0 {
		least = max(least, told/g.part)
	}
	return max(v.N-told, told-v.N) >= least
}
