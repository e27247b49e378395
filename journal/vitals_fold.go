package journal

import (
	"cmp"
	"slices"
	"time"
)

// latestSamples is how many samples of a flight are kept as they are. It is part of the
// format: the fold of a flight doesn't depend on who folds it.
const latestSamples = 8

// isVitals reports whether r is a record that foldVitals folds.
func isVitals(r Record) bool {
	switch r.(type) {
	case Sample, Extremes:
		return true
	}
	return false
}

// foldVitals folds the vitals of a flight, in order of time. The latest samples stay, and
// extremes stand for all before:
//
//	sample × 9                        ->   extremes(1) sample × 8
//	extremes(4) sample × 8 sample     ->   extremes(5) sample × 8
//
// All that lies at or before extremes goes into them, in whatever groups a flight is
// folded: so this is associative.
func foldVitals(log []Record) []Record {
	cut, samples := 0, 0
	for i, r := range slices.Backward(log) {
		_, folded := r.(Extremes)
		if !folded {
			samples++
		}
		if folded || samples > latestSamples {
			cut = i + 1
			break
		}
	}
	if cut == 0 {
		return log
	}
	var e Extremes
	for _, r := range log[:cut] {
		switch r := r.(type) {
		case Sample:
			e.add(r.extremes())
		case Extremes:
			e.add(r)
		}
	}
	return append([]Record{e}, log[cut:]...)
}

// extremes returns what stands for s alone.
func (s Sample) extremes() Extremes {
	e := Extremes{Samples: 1}
	for rest := s.Alarms; rest != 0; rest &= rest - 1 {
		e.Alarms = append(e.Alarms, AlarmSpan{rest & -rest, s.Elapsed, s.Elapsed, 1})
	}
	for _, v := range s.Values {
		e.Vitals = append(e.Vitals, Extreme{v.Vital, v.N, v.N, v.N, s.Elapsed, s.Elapsed})
	}
	return e
}

// add takes later samples, for which f stands, into e.
func (e *Extremes) add(f Extremes) {
	e.Samples += f.Samples
	e.Alarms = merge(e.Alarms, f.Alarms, func(a, b AlarmSpan) int { return cmp.Compare(a.Alarm, b.Alarm) }, AlarmSpan.with)
	e.Vitals = merge(e.Vitals, f.Vitals, func(a, b Extreme) int { return cmp.Compare(a.Vital, b.Vital) }, Extreme.with)
}

// with returns what stands for the alarms of a and of the later b.
func (a AlarmSpan) with(b AlarmSpan) AlarmSpan {
	return AlarmSpan{a.Alarm, min(a.First, b.First), max(a.Last, b.Last), a.Count + b.Count}
}

// with returns the extremes of a and of the later b.
func (a Extreme) with(b Extreme) Extreme {
	a.Last = b.Last
	if c := cmp.Or(cmp.Compare(b.Min, a.Min), cmp.Compare(b.MinAt, a.MinAt)); c < 0 {
		a.Min, a.MinAt = b.Min, b.MinAt
	}
	if c := cmp.Or(cmp.Compare(a.Max, b.Max), cmp.Compare(b.MaxAt, a.MaxAt)); c < 0 {
		a.Max, a.MaxAt = b.Max, b.MaxAt
	}
	return a
}

// merge returns the elements of a and b, both of which are in order, in order; those
// that are in both as with joins them.
func merge[T any](a, b []T, order func(T, T) int, with func(T, T) T) []T {
	all := make([]T, 0, max(len(a), len(b)))
	for len(a) > 0 && len(b) > 0 {
		switch c := order(a[0], b[0]); {
		case c < 0:
			all, a = append(all, a[0]), a[1:]
		case c > 0:
			all, b = append(all, b[0]), b[1:]
		default:
			all, a, b = append(all, with(a[0], b[0])), a[1:], b[1:]
		}
	}
	return append(append(all, a...), b...)
}

// Known returns what was known of each vital at the last of some samples, with the extremes
// of those before, as [Vitals.Parts] returns them, and when that was.
func Known(older Extremes, latest []Sample) (at time.Duration, last map[Vital]int64) {
	last = make(map[Vital]int64, len(older.Vitals))
	for _, e := range older.Vitals {
		last[e.Vital] = e.Last
	}
	for _, s := range latest {
		at = s.Elapsed
		for _, value := range s.Values {
			last[value.Vital] = value.N
		}
	}
	return at, last
}
