package render

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"flightrec/journal"
	"flightrec/reports"
)

// appendDuration appends l as [D day[s], ]H:MM:SS.ffffff, cut off after the
// microseconds.
func appendDuration(dst []byte, l reports.Length) []byte {
	const day = reports.Length(24 * time.Hour)
	switch days := l / day; days {
	case 0:
	case 1:
		dst = append(dst, "1 day, "...)
	default:
		dst = append(strconv.AppendUint(dst, uint64(days), 10), " days, "...)
	}
	µs := l % day / 1e3
	seconds := uint32(µs / 1e6)
	dst = strconv.AppendUint(dst, uint64(seconds/3600), 10)
	dst = append(dst, ":00:00.000000"...)
	rest := dst[len(dst)-len("00:00.000000"):]
	putPair(rest, seconds/60%60)
	putPair(rest[len("00:"):], seconds%60)
	fraction := uint32(µs % 1e6)
	putPair(rest[len("00:00."):], fraction/1e4)
	putPair(rest[len("00:00.00"):], fraction/100%100)
	putPair(rest[len("00:00.0000"):], fraction%100)
	return dst
}

// Printable returns s with all that a terminal would not simply show replaced by its
// Go escape: what another machine wrote must not command this one's terminal.
func Printable(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if char := s[:size]; strconv.IsPrint(r) && r != utf8.RuneError {
			b.WriteString(char)
		} else {
			quoted := strconv.Quote(char)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		s = s[size:]
	}
	return b.String()
}

// plainJSON returns JSON text in which all is escaped that a terminal might take for a
// command or that would turn a line around: DEL, C1 controls, and Unicode's signs for the
// direction of writing (UAX #9). JSON itself escapes C0.
func plainJSON(text []byte) []byte {
	// Nearly all text is ASCII without DEL. To look at bytes first saves a third of the
	// instructions of a report as JSON.
	if !slices.ContainsFunc(text, func(b byte) bool { return b >= 0x7f }) {
		return text
	}
	first := bytes.IndexFunc(text, isCommand)
	if first < 0 {
		return text
	}
	plain := slices.Clone(text[:first])
	for _, r := range string(text[first:]) {
		if isCommand(r) {
			plain = fmt.Appendf(plain, `\u%04x`, r)
		} else {
			plain = utf8.AppendRune(plain, r)
		}
	}
	return plain
}

func isCommand(r rune) bool {
	return r >= 0x7f && r <= 0x9f || unicode.Is(unicode.Bidi_Control, r)
}

// stamp writes times.
type stamp struct {
	zone   *time.Location
	offset bool // with the offset of the zone
	// recent are the last two times that were written: an uptime begins and ends where its
	// neighbours and its flight do. That saves a fifteenth of a report's instructions.
	recent [2]struct {
		at   journal.Instant
		text []byte
	}
}

// newStamp returns a stamp for the times that the text tells of a machine. If the zone's
// offset changes in between, every time carries its offset.
func newStamp(zone *time.Location, m *reports.Machine) stamp {
	first, last := timesOf(m)
	t := first.Time().In(zone)
	_, offset := t.Zone()
	for {
		_, end := t.ZoneBounds()
		if end.IsZero() || end.After(last.Time()) {
			return stamp{zone: zone}
		}
		t = end
		if _, next := t.Zone(); next != offset {
			return stamp{zone: zone, offset: true}
		}
	}
}

// timesOf returns the first and the last time that the text can tell of a machine.
func timesOf(m *reports.Machine) (first, last journal.Instant) {
	first, last = math.MaxInt64, math.MinInt64
	show := func(times ...*journal.Instant) {
		for _, t := range times {
			if t != nil {
				first, last = min(first, *t), max(last, *t)
			}
		}
	}
	for i := range m.ClockLogs {
		for j := range m.ClockLogs[i].Events {
			if e := &m.ClockLogs[i].Events[j]; e.Kind == reports.EventStep {
				show(&e.Old, &e.New)
			}
		}
	}
	for i := range m.Periods {
		p := &m.Periods[i]
		show(&p.End)
		if !p.Open {
			show(&p.Start)
		}
		if p.Up() || p.Outage() {
			show(&p.Whole.Start, &p.Whole.End)
		}
		if p.Up() {
			show(p.Window.Earliest, p.Window.Latest)
		}
	}
	for i := range m.Notes {
		for _, d := range m.Notes[i].Doubts {
			show(&d.Claimed.Start)
		}
	}
	return first, last
}

// append appends the time of i, seconds truncated.
func (s *stamp) append(dst []byte, i journal.Instant) []byte {
	for j := range s.recent {
		if r := &s.recent[j]; r.at == i && len(r.text) > 0 {
			return append(dst, r.text...)
		}
	}
	s.recent[0], s.recent[1] = s.recent[1], s.recent[0]
	s.recent[1].at, s.recent[1].text = i, s.format(s.recent[1].text[:0], i)
	return append(dst, s.recent[1].text...)
}

// format appends the time of i. Package time writes RFC 3339 with a third of the
// instructions of any other layout, and a report is made of times.
func (s *stamp) format(dst []byte, i journal.Instant) []byte {
	t, at := i.Time().In(s.zone), len(dst)
	dst = t.AppendFormat(dst, time.RFC3339)[:at+len(time.DateTime)]
	dst[at+len(time.DateOnly)] = ' '
	if s.offset {
		dst = t.AppendFormat(dst, "-07:00")
	}
	return dst
}

// putPair puts the two digits of n, which has no more.
func putPair(dst []byte, n uint32) { dst[0], dst[1] = byte('0'+n/10), byte('0'+n%10) }
