package reports

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"flightrec/journal"
)

// appendDuration appends l as [D day[s], ]H:MM:SS.ffffff, cut off after the
// microseconds.
func appendDuration(dst []byte, l Length) []byte {
	const day = Length(24 * time.Hour)
	switch days := l / day; days {
	case 0:
	case 1:
		dst = append(dst, "1 day, "...)
	default:
		dst = fmt.Appendf(dst, "%d days, ", days)
	}
	µs := l % day / 1e3
	return fmt.Appendf(dst, "%d:%02d:%02d.%06d", µs/3600e6, µs/60e6%60, µs/1e6%60, µs%1e6)
}

// appendSeconds appends l as seconds, exactly.
func appendSeconds(dst []byte, l Length) []byte {
	dst = strconv.AppendUint(dst, uint64(l/1e9), 10)
	if l%1e9 == 0 {
		return dst
	}
	fraction := fmt.Sprintf(".%09d", l%1e9)
	return append(dst, strings.TrimRight(fraction, "0")...)
}

// printable returns s with all that a terminal would not simply show replaced by its
// Go escape: what another machine wrote must not command this one's terminal.
func printable(s string) string {
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

// stamp writes times.
type stamp struct {
	zone   *time.Location
	layout string
}

const (
	plainLayout  = "2006-01-02 15:04:05"
	offsetLayout = plainLayout + "-07:00"
)

// newStamp returns a stamp for the times from first to last. If the zone's offset
// changes in between, every time carries its offset.
func newStamp(zone *time.Location, first, last journal.Instant) stamp {
	t := first.Time().In(zone)
	_, offset := t.Zone()
	for {
		_, end := t.ZoneBounds()
		if end.IsZero() || end.After(last.Time()) {
			return stamp{zone, plainLayout}
		}
		t = end
		if _, next := t.Zone(); next != offset {
			return stamp{zone, offsetLayout}
		}
	}
}

// append appends the time of i, seconds truncated.
func (s stamp) append(dst []byte, i journal.Instant) []byte {
	return i.Time().In(s.zone).AppendFormat(dst, s.layout)
}
