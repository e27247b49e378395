package sntp

import (
	"errors"
	"testing"
	"time"
)

func TestOutvote(t *testing.T) {
	const year = 365 * 24 * time.Hour
	down := errors.New("down")
	tests := []struct {
		name    string
		offsets []time.Duration // of answers 50 ms wide
		errs    []error
		want    string // which stand
	}{
		{"one", []time.Duration{year}, []error{nil}, "+"},
		{"two agree", []time.Duration{0, 90 * time.Millisecond}, []error{nil, nil}, "++"},
		{"two contradict", []time.Duration{0, year}, []error{nil, nil}, "--"},
		{"one of two is down", []time.Duration{year, 0}, []error{nil, down}, "+-"},
		{"a liar among three", []time.Duration{0, year, time.Millisecond}, []error{nil, nil, nil}, "+-+"},
		{"a chain", []time.Duration{0, 90 * time.Millisecond, 180 * time.Millisecond}, []error{nil, nil, nil}, "+++"},
		{"all contradict", []time.Duration{0, year, 2 * year}, []error{nil, nil, nil}, "---"},
		{"two against two", []time.Duration{0, 0, year, year}, []error{nil, nil, nil, nil}, "----"},
		{"none", nil, nil, ""},
	}
	for _, tt := range tests {
		var answers []Answer
		for i, offset := range tt.offsets {
			// The wall clock is stepped by an hour before each further answer.
			skew := time.Duration(i) * time.Hour
			boot := time.Duration(i) * time.Second
			answers = append(answers, Answer{
				Boot: boot, Wall: time.Unix(0, 0).Add(boot + skew), Offset: offset - skew,
				MaxError: 50 * time.Millisecond, Err: tt.errs[i],
			})
		}
		outvote(answers)
		got := ""
		for _, a := range answers {
			if a.Err == nil {
				got += "+"
			} else {
				got += "-"
			}
		}
		if got != tt.want {
			t.Errorf("%s: %s stand, want %s", tt.name, got, tt.want)
		}
	}
}
