package reports

import (
	"maps"
	"slices"
	"time"

	"flightrec/journal"
)

// Outage is a downtime with both of its sides.
type Outage struct {
	Before, Down, After *Period
	Moments             []Moment // the last ones before it, the latest first
	Found               journal.Evidence
	Loop                *Loop // the crash loop that Before is a part of, or nil
	LoopReasons         []Count
}

// Count is how often something was.
type Count struct {
	Verdict Verdict // without evidence
	N       int
}

// Moment is what was measured at a heartbeat before an outage.
type Moment struct {
	Ago    time.Duration // before the last sign of life
	Alarms journal.Alarms
	Values map[journal.Vital]int64
}

// Outage returns the latest outage of m that matches.
func (m *Machine) Outage(matches func(*Period) bool) (o Outage, ok bool) {
	for i := len(m.Periods) - 2; i > 0; i-- {
		if p := &m.Periods[i]; p.Outage() && matches(p) {
			o = Outage{Before: &m.Periods[i-1], Down: p, After: &m.Periods[i+1]}
			o.Moments = momentsOf(o.Before.Uptime)
			for _, f := range o.After.flights {
				o.Found = append(o.Found, f.Evidence...)
			}
			if o.Loop = o.Before.Loop; o.Loop != nil {
				o.LoopReasons = m.reasonsOf(o.Loop)
			}
			return o, true
		}
	}
	return o, false
}

// reasonsOf counts the verdicts on the crashes of a loop.
func (m *Machine) reasonsOf(l *Loop) (counts []Count) {
	for i := range m.Periods[:len(m.Periods)-1] {
		if m.Periods[i].Loop != l || !m.Periods[i].Up() {
			continue
		}
		counts = countVerdict(counts, m.Periods[i+1].Verdict)
	}
	slices.SortStableFunc(counts, func(a, b Count) int { return b.N - a.N })
	return counts
}

// countVerdict counts v among counts.
func countVerdict(counts []Count, v Verdict) []Count {
	v.Evidence = nil
	at := slices.IndexFunc(counts, func(c Count) bool {
		return slices.Equal(c.Verdict.Words, v.Words) && c.Verdict.Certainty == v.Certainty
	})
	if at < 0 {
		at, counts = len(counts), append(counts, Count{Verdict: v})
	}
	counts[at].N++
	return counts
}

// momentsOf returns what was measured at the last heartbeats of u, the latest first. What
// a sample doesn't tell is as it was before.
func momentsOf(u *Uptime) (all []Moment) {
	vitals, last := u.lastVitals()
	older, latest := vitals.Parts()
	values := make(map[journal.Vital]int64)
	for _, e := range older.Vitals {
		values[e.Vital] = e.Last
	}
	for _, s := range latest {
		for _, v := range s.Values {
			values[v.Vital] = v.N
		}
		all = append(all, Moment{last.Elapsed - s.Elapsed, s.Alarms, maps.Clone(values)})
	}
	if n := len(all); n > 0 && all[n-1].Ago >= time.Second {
		all = append(all, Moment{0, 0, values}) // nothing had changed
	}
	slices.Reverse(all)
	return all
}
