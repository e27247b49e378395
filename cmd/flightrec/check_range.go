package main

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// A valueRange is a range of the Monitoring Plugins' guidelines (section Threshold and
// Ranges): "10", "10:", "~:10", "10:20", "@10:20". It alerts outside of its ends, with @
// inside.
type valueRange struct {
	low, high float64 // both belong to it
	inside    bool
}

// alerts reports whether v is to be told of; a nil range never does.
func (r *valueRange) alerts(v float64) bool {
	return r != nil && (r.low <= v && v <= r.high) == r.inside
}

// String returns r as the guidelines spell it, "" for nil.
func (r *valueRange) String() string {
	if r == nil {
		return ""
	}
	text := ""
	if r.inside {
		text = "@"
	}
	switch {
	case math.IsInf(r.low, -1):
		text += "~:"
	case r.low != 0 || math.IsInf(r.high, 1):
		text += plainNumber(r.low) + ":"
	}
	if !math.IsInf(r.high, 1) {
		text += plainNumber(r.high)
	}
	return text
}

// plainNumber returns v without an exponent.
func plainNumber(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// thresholds are when a value is a warning and when it is critical.
type thresholds struct{ warning, critical *valueRange }

// parseThresholds reads WARN[,CRIT], two ranges, either of which may be empty. A bare
// number is the most that is well, with atLeast the least.
func parseThresholds(text string, atLeast bool, number func(string) (float64, bool)) (t thresholds, ok bool) {
	warning, critical, _ := strings.Cut(text, ",")
	if t.warning, ok = parseRange(warning, atLeast, number); !ok {
		return t, false
	}
	t.critical, ok = parseRange(critical, atLeast, number)
	return t, ok && (t.warning != nil || t.critical != nil)
}

// parseRange reads a range; nil for "".
func parseRange(text string, atLeast bool, number func(string) (float64, bool)) (r *valueRange, ok bool) {
	if text == "" {
		return nil, true
	}
	r = &valueRange{high: math.Inf(1)}
	text, r.inside = strings.CutPrefix(text, "@")
	low, high, both := strings.Cut(text, ":")
	if !both && !atLeast {
		low, high = "", text
	}
	ok = low != "" || high != ""
	switch {
	case low == "~":
		r.low = math.Inf(-1)
	case low != "":
		r.low, ok = number(low)
	}
	if ok && high != "" {
		r.high, ok = number(high)
	}
	return r, ok && r.low <= r.high
}

// parseNumber reads a finite number.
func parseNumber(text string) (float64, bool) {
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil && !math.IsInf(v, 0) && !math.IsNaN(v)
}

// parsePercent reads a number that may have a percent sign.
func parsePercent(text string) (float64, bool) { return parseNumber(strings.TrimSuffix(text, "%")) }

// parseLength reads seconds, or a length such as 10m or 1d, and returns seconds.
func parseLength(text string) (float64, bool) {
	if v, ok := parseNumber(text); ok {
		return v, true
	}
	epoch := origin{now: time.Unix(0, 0), zone: time.UTC}
	before, ok := epoch.parseSpan(text)
	return epoch.now.Sub(before).Seconds(), ok
}
