package journal

import (
	"encoding"
	"fmt"
	"math"
	"time"
)

// Instant is a point of time: nanoseconds since 1970-01-01T00:00:00Z, without
// leap seconds. It reaches from 1677 to 2262.
type Instant int64

// InstantOf returns t as an Instant; times out of its range give its ends.
func InstantOf(t time.Time) Instant {
	switch {
	case t.Before(earliest.Time()):
		return earliest
	case t.After(latest.Time()):
		return latest
	}
	return Instant(t.UnixNano())
}

const (
	earliest Instant = -1 << 63
	latest   Instant = 1<<63 - 1
)

// Time returns i in UTC.
func (i Instant) Time() time.Time { return time.Unix(0, int64(i)).UTC() }

// Add returns i+d, or the end of Instant's range that lies nearest to it.
func (i Instant) Add(d time.Duration) Instant {
	sum := i + Instant(d)
	switch {
	case d > 0 && sum < i:
		return latest
	case d < 0 && sum > i:
		return earliest
	}
	return sum
}

// Sub returns i-j, or the end of Duration's range that lies nearest to it.
func (i Instant) Sub(j Instant) time.Duration {
	diff := i - j
	switch {
	case j < 0 && diff < i:
		return math.MaxInt64
	case j > 0 && diff > i:
		return math.MinInt64
	}
	return time.Duration(diff)
}

// instantLayout is RFC 3339 with nine digits: each Instant has one spelling.
const instantLayout = "2006-01-02T15:04:05.000000000Z"

// MarshalText writes i as RFC 3339 in UTC, with nanoseconds.
func (i Instant) MarshalText() ([]byte, error) { return i.Time().AppendFormat(nil, instantLayout), nil }

// UnmarshalText reads RFC 3339 in any zone; a time out of Instant's range is an
// error.
func (i *Instant) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		return fmt.Errorf("time %q: not RFC 3339", text)
	}
	*i = InstantOf(t)
	if !i.Time().Equal(t) {
		return fmt.Errorf("time %q: not between 1677 and 2262", text)
	}
	return nil
}

var _ encoding.TextUnmarshaler = (*Instant)(nil)
