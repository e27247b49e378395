package main

import (
	"testing"
	"time"
)

// noon is a Friday in a zone with daylight saving time, which began on 29 March 2026 at
// two in the morning.
func noon(t *testing.T) origin {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, zone)
	return origin{now: now, boot: now.Add(-time.Hour), zone: zone}
}

func TestParseTime(t *testing.T) {
	from := noon(t)
	for s, want := range map[string]string{
		"2026-11-01":                          "2026-11-01T00:00:00+01:00",
		"2026-07-01":                          "2026-07-01T00:00:00+02:00",
		"2026":                                "2026-01-01T00:00:00+01:00",
		"2026-06":                             "2026-06-01T00:00:00+02:00",
		"2026-11-01 10:20":                    "2026-11-01T10:20:00+01:00",
		"2026-11-01T10:20":                    "2026-11-01T10:20:00+01:00",
		"2026-11-01 10:20:30":                 "2026-11-01T10:20:30+01:00",
		"2026-11-01T10:20:30.25":              "2026-11-01T10:20:30.25+01:00",
		"2026-11-01T10:20Z":                   "2026-11-01T10:20:00Z",
		"2026-11-01 10:20:30Z":                "2026-11-01T10:20:30Z",
		"2026-11-01T10:20:30.123456789-05:30": "2026-11-01T10:20:30.123456789-05:30",
		"2026-11-01 10:20 +0200":              "2026-11-01T10:20:00+02:00",
		"2026-11-01 10:20:30 +02":             "2026-11-01T10:20:30+02:00",
		"2026-11-01 10:20 UTC":                "2026-11-01T10:20:00Z",
		"2026-11-01 10:20:30 America/Lima":    "2026-11-01T10:20:30-05:00",
		"Sun 2026-11-01 10:20":                "2026-11-01T10:20:00+01:00",
		"Fri 27 Nov 10:11":                    "2026-11-27T10:11:00+01:00",
		"27 Nov 13:00":                        "2025-11-27T13:00:00+01:00",
		"28 nov":                              "2025-11-28T00:00:00+01:00",
		"29 Feb":                              "2024-02-29T00:00:00+01:00",
		"1 June 2026":                         "2026-06-01T00:00:00+02:00",
		"@0":                                  "1970-01-01T00:00:00Z",
		"@1790000000.5":                       "2026-09-21T14:13:20.5Z",
		"@-1.25":                              "1969-12-31T23:59:58.75Z",
		"now":                                 "2026-11-27T12:00:00+01:00",
		"boot":                                "2026-11-27T11:00:00+01:00",
		"today":                               "2026-11-27T00:00:00+01:00",
		" Yesterday ":                         "2026-11-26T00:00:00+01:00",
		"tomorrow":                            "2026-11-28T00:00:00+01:00",
		"yesterday 14:00":                     "2026-11-26T14:00:00+01:00",
		"09:30":                               "2026-11-27T09:30:00+01:00",
		"friday":                              "2026-11-27T00:00:00+01:00",
		"sat":                                 "2026-11-21T00:00:00+01:00",
		"Mon 22:02":                           "2026-11-23T22:02:00+01:00",
		"7d":                                  "2026-11-20T12:00:00+01:00",
		"-7d":                                 "2026-11-20T12:00:00+01:00",
		"7 days":                              "2026-11-20T12:00:00+01:00",
		"2 weeks ago":                         "2026-11-13T12:00:00+01:00",
		"1w2d":                                "2026-11-18T12:00:00+01:00",
		"36h":                                 "2026-11-26T00:00:00+01:00",
		"1.5h":                                "2026-11-27T10:30:00+01:00",
		"1.5 days":                            "2026-11-26T00:00:00+01:00",
		"90m":                                 "2026-11-27T10:30:00+01:00",
		"1h 30 min":                           "2026-11-27T10:30:00+01:00",
		"1mo":                                 "2026-10-27T12:00:00+01:00",
		"1M":                                  "2026-10-27T12:00:00+01:00",
		"6 months":                            "2026-05-27T12:00:00+02:00",
		"1y":                                  "2025-11-27T12:00:00+01:00",
		"1y2mo3w4d5h6m7s8ms9us":               "2025-09-02T06:53:52.991991+02:00",
		"0s":                                  "2026-11-27T12:00:00+01:00",
	} {
		at, err := time.Parse(time.RFC3339Nano, want)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := parseTime(s, from); err != nil || !got.Time().Equal(at) {
			t.Errorf("%q: %v, %v; want %s", s, got.Time(), err, want)
		}
	}
}

func TestParseTimeRefuses(t *testing.T) {
	for _, s := range []string{
		"", " ", "yesteryear", "7", "7 fortnights", "d", "-", "ago", "--7d", "1.5y", "1d ago ago", "@", "@1e9", "@1.", "2026-13", "2026-02-30",
		"2026-11-01T25:00", "2026-11-01 10:20 Nowhere/Else", "Mon 2026-11-01", "friday the 13th", "1600-01-01", "2300-01-01", "400y", "12345",
		"999999999999w", "9999999999999999999d", "31 Feb",
	} {
		if got, err := parseTime(s, noon(t)); err == nil || exitCode(err) != exitUsage {
			t.Errorf("%q: %v, %v; want a usage error", s, got.Time(), err)
		}
	}
	if got, err := parseTime("boot", origin{zone: time.UTC}); err == nil {
		t.Errorf("boot is %v, of which nothing is known", got.Time())
	}
}

// A month before a day that the month lacks is the month's last day.
func TestMonthsBack(t *testing.T) {
	for _, test := range []struct{ now, span, want string }{
		{"2026-03-31", "1mo", "2026-02-28"},
		{"2024-02-29", "1y", "2023-02-28"},
		{"2026-01-15", "1mo", "2025-12-15"},
		{"2026-12-31", "6mo", "2026-06-30"},
	} {
		now, err := time.Parse(time.DateOnly, test.now)
		if err != nil {
			t.Fatal(err)
		}
		got, err := parseTime(test.span, origin{now: now, zone: time.UTC})
		if err != nil || got.Time().Format(time.DateOnly) != test.want {
			t.Errorf("%s before %s: %v, %v; want %s", test.span, test.now, got.Time(), err, test.want)
		}
	}
}

// FuzzParseTime demands that whatever is given as --since is a time or a usage error,
// that a time is read again as the same from its own RFC 3339, and that a span leads
// back.
func FuzzParseTime(f *testing.F) {
	for _, s := range []string{
		"", "7d", "36h", "1w2d3h4m5s", "1.5h", "99999999999999999999d", "200000w200000d", "0s", "-1d", "9223372036s", "2 weeks ago", "1y6mo",
		"2026-11-01", "2026-11-01 10:00", "2026-11-01T10:00:00.5", "2026-11-01T10:00:00+25:00", "1600-01-01", "2262-04-12", "0000-00-00", "\x1b[2J", "\xff",
		"@0", "@-999999999999", "mon 10:00", "29 Feb", "Fri 27 Nov 22:11", "2026-11-01 10:20 Europe/Berlin", "2026-11-01 10:20 ../x",
	} {
		f.Add(s)
	}
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	from := origin{now: now, boot: now, zone: time.FixedZone("odd", 20700)}
	f.Fuzz(func(t *testing.T, s string) {
		i, err := parseTime(s, from)
		if err != nil {
			if exitCode(err) != exitUsage {
				t.Fatalf("%q: exit %d: %v", s, exitCode(err), err)
			}
			if text := err.Error(); printable(text) != text && len(text) <= maxText {
				t.Fatalf("%q: the error isn't printable: %q", s, text)
			}
			return
		}
		again, err := parseTime(i.Time().Format(time.RFC3339Nano), from)
		if err != nil || again != i {
			t.Fatalf("%q is %v, which is %v: %v", s, i.Time(), again.Time(), err)
		}
		if back, ok := from.parseSpan(s); ok && back.After(now) {
			t.Fatalf("%q back from %v is %v", s, now, back)
		}
	})
}
