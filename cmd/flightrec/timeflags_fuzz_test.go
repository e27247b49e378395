package main

import (
	"testing"
	"time"
)

// FuzzParseTime demands that whatever is given as --since is a time or a usage error,
// and that a time is read again as the same from its own RFC 3339.
func FuzzParseTime(f *testing.F) {
	for _, s := range []string{
		"", "7d", "36h", "1w2d3h4m5s", "1.5h", "99999999999999999999d", "200000w200000d", "0s", "-1d", "9223372036s",
		"2026-11-01", "2026-11-01 10:00", "2026-11-01T10:00:00.5", "2026-11-01T10:00:00+25:00", "1600-01-01", "2262-04-12", "0000-00-00", "\x1b[2J", "\xff",
	} {
		f.Add(s)
	}
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	zone := time.FixedZone("odd", 20700)
	f.Fuzz(func(t *testing.T, s string) {
		i, err := parseTime(s, now, zone)
		if err != nil {
			if exitCode(err) != exitUsage {
				t.Fatalf("%q: exit %d: %v", s, exitCode(err), err)
			}
			if text := err.Error(); printable(text) != text && len(text) <= maxText {
				t.Fatalf("%q: the error isn't printable: %q", s, text)
			}
			return
		}
		again, err := parseTime(i.Time().Format(time.RFC3339Nano), now, zone)
		if err != nil || again != i {
			t.Fatalf("%q is %v, which is %v: %v", s, i.Time(), again.Time(), err)
		}
		if m := spanForm.FindStringSubmatch(s); m != nil && i.Time().After(now) {
			t.Fatalf("%q back from %v is %v", s, now, i.Time())
		}
	})
}
