package journal

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"time"
)

func (e Evidence) appendRecord(dst []byte, _ *Beat) (byte, []byte) {
	for _, c := range e {
		dst = appendString(appendString(dst, c.Source), c.Value)
	}
	return kindEvidence, dst
}

// evidence decodes what kindEvidence holds. Clues that are those of before, in their
// places, take no memory of their own.
func (d *decoder) evidence(before Evidence) Evidence {
	var all Evidence
	for i := 0; len(d.rest) > 0; i++ {
		var c Clue
		if i < len(before) {
			c = before[i]
		}
		all = append(all, Clue{d.string(c.Source), d.string(c.Value)})
	}
	if len(all) == 0 {
		d.err = errStrange
	}
	if slices.Equal(all, before) {
		return before
	}
	return all
}

// alarmsRose stands in place of a vital before the alarms of a sample, if any rose.
const alarmsRose = 0

func (s Sample) appendRecord(dst []byte, _ *Beat) (byte, []byte) {
	dst = appendSpan(dst, s.Elapsed)
	if s.Alarms != 0 {
		dst = binary.AppendUvarint(append(dst, alarmsRose), uint64(s.Alarms))
	}
	for _, v := range s.Values {
		dst = binary.AppendVarint(append(dst, byte(v.Vital)), v.N)
	}
	return kindVitals, dst
}

// sample decodes what kindVitals holds into s, whose room for values it uses again.
func (d *decoder) sample(s *Sample) {
	s.Elapsed, s.Alarms = d.span(), 0
	s.Values = s.Values[:0]
	if len(d.rest) > 0 && d.rest[0] == alarmsRose {
		d.byte()
		s.Alarms = d.alarms()
		d.ascend(s.Alarms != 0)
	}
	for last := Vital(alarmsRose); len(d.rest) > 0; {
		v := Value{Vital(d.byte()), d.varint()}
		d.ascend(v.Vital > last)
		last = v.Vital
		s.Values = append(s.Values, v)
	}
}

func (e Extremes) appendRecord(dst []byte, _ *Beat) (byte, []byte) {
	dst = binary.AppendUvarint(dst, e.Samples)
	dst = append(dst, byte(len(e.Alarms)))
	for _, a := range e.Alarms {
		dst = appendSpan(append(dst, byte(bits.TrailingZeros32(uint32(a.Alarm)))), a.First)
		dst = appendSpan(dst, a.Last-a.First)
		dst = binary.AppendUvarint(dst, a.Count)
	}
	for _, x := range e.Vitals {
		dst = binary.AppendVarint(append(dst, byte(x.Vital)), x.Min)
		dst = appendSpan(dst, x.MinAt)
		dst = binary.AppendUvarint(dst, uint64(x.Max)-uint64(x.Min))
		if x.Max != x.Min {
			dst = appendSpan(dst, x.MaxAt)
			dst = binary.AppendUvarint(dst, uint64(x.Last)-uint64(x.Min))
		}
	}
	return kindExtremes, dst
}

// extremes decodes what kindExtremes holds.
func (d *decoder) extremes() (e Extremes) {
	e.Samples = d.uvarint()
	last := -1
	for range d.byte() {
		bit := int(d.byte())
		d.ascend(bit > last && bit < 32)
		last = bit
		first := d.span()
		e.Alarms = append(e.Alarms, AlarmSpan{Alarms(1) << bit, first, d.after(first), d.uvarint()})
	}
	for last := Vital(0); len(d.rest) > 0; {
		x := Extreme{Vital: Vital(d.byte()), Min: d.varint(), MinAt: d.span()}
		x.Max = x.Min + int64(d.uvarint())
		x.MaxAt, x.Last = x.MinAt, x.Min
		if x.Max != x.Min {
			x.MaxAt = d.span()
			x.Last += int64(d.uvarint())
		}
		d.ascend(x.Vital > last && x.Min <= x.Last && x.Last <= x.Max)
		last = x.Vital
		e.Vitals = append(e.Vitals, x)
	}
	return e
}

// ascend demands that what is listed is in the order in which it is encoded.
func (d *decoder) ascend(ok bool) {
	if !ok {
		d.err = errStrange
	}
}

// appendSpan appends a time since takeoff, in seconds. What is negative counts as 0.
func appendSpan(dst []byte, d time.Duration) []byte {
	return binary.AppendUvarint(dst, uint64(max(0, d/time.Second)))
}

func (d *decoder) span() time.Duration { return d.after(0) }

// after decodes a time since takeoff that is told from another one on.
func (d *decoder) after(from time.Duration) time.Duration {
	seconds := d.uvarint()
	if seconds > uint64((math.MaxInt64-from)/time.Second) {
		d.err = errStrange
		return from
	}
	return from + time.Duration(seconds)*time.Second
}

func (d *decoder) alarms() Alarms {
	set := d.uvarint()
	if set > math.MaxUint32 {
		d.err = errStrange
	}
	return Alarms(set)
}
