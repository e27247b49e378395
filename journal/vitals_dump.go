package journal

import (
	"errors"
	"fmt"
	"reflect"
	"time"
)

// maxClues bounds the evidence of a flight that is read: many times what this version's
// recorder finds.
const maxClues = 1024

// Vitals as a line of a dump has them. Values go by the names of their vitals.
type (
	clueLine struct {
		Source string `json:"source"`
		Value  string `json:"value"`
	}
	vitalsLine struct {
		Extremes *extremesLine `json:"extremes,omitempty"`
		Samples  []sampleLine  `json:"samples,omitempty"`
	}
	sampleLine struct {
		Elapsed int64            `json:"elapsed_ns"`
		Alarms  []string         `json:"alarms,omitempty"`
		Values  map[string]int64 `json:"values"`
	}
	extremesLine struct {
		Samples uint64                 `json:"samples"`
		Alarms  map[string]alarmLine   `json:"alarms,omitempty"`
		Values  map[string]extremeLine `json:"values"`
	}
	alarmLine struct {
		First int64  `json:"first_elapsed_ns"`
		Last  int64  `json:"last_elapsed_ns"`
		Count uint64 `json:"count"`
	}
	extremeLine struct {
		Min   int64 `json:"min"`
		MinAt int64 `json:"min_elapsed_ns"`
		Max   int64 `json:"max"`
		MaxAt int64 `json:"max_elapsed_ns"`
		Last  int64 `json:"last"`
	}
)

// newClueLines returns evidence as a line has it.
func newClueLines(e Evidence) (lines []clueLine) {
	for _, c := range e {
		lines = append(lines, clueLine{valid(c.Source), valid(c.Value)})
	}
	return lines
}

// newVitalsLine returns vitals as a line has them, nil for none.
func newVitalsLine(v Vitals) *vitalsLine {
	if v.IsZero() {
		return nil
	}
	older, latest := v.Parts()
	line := new(vitalsLine)
	if older.Samples > 0 {
		e := extremesLine{older.Samples, map[string]alarmLine{}, map[string]extremeLine{}}
		for _, a := range older.Alarms {
			e.Alarms[a.Alarm.Names()[0]] = alarmLine{int64(a.First), int64(a.Last), a.Count}
		}
		for _, x := range older.Vitals {
			e.Values[x.Vital.String()] = extremeLine{x.Min, int64(x.MinAt), x.Max, int64(x.MaxAt), x.Last}
		}
		line.Extremes = &e
	}
	for _, s := range latest {
		l := sampleLine{int64(s.Elapsed), s.Alarms.Names(), map[string]int64{}}
		for _, value := range s.Values {
			l.Values[value.Vital.String()] = value.N
		}
		line.Samples = append(line.Samples, l)
	}
	return line
}

// parse returns the vitals that a line holds.
func (l *vitalsLine) parse() (Vitals, error) {
	var log []Record
	if l.Extremes != nil {
		e, err := l.Extremes.parse()
		if err != nil {
			return Vitals{}, err
		}
		log = append(log, e)
	}
	if len(l.Samples) > latestSamples {
		return Vitals{}, fmt.Errorf("%d samples: more than %d", len(l.Samples), latestSamples)
	}
	for _, line := range l.Samples {
		s := Sample{Elapsed: time.Duration(line.Elapsed)}
		for _, name := range line.Alarms {
			a, err := ParseAlarm(name)
			if err != nil {
				return Vitals{}, err
			}
			s.Alarms |= a
		}
		values, err := inOrder(line.Values, func(v Vital, n int64) Value { return Value{v, n} })
		if err != nil {
			return Vitals{}, err
		}
		s.Values = values
		log = append(log, s)
	}
	v := Vitals{string(AppendLog(nil, log))}
	for i, r := range Records([]byte(v.log)) {
		if !reflect.DeepEqual(r, log[i]) {
			return Vitals{}, errors.New("a value that a journal can't hold")
		}
	}
	return v, nil
}

// parse returns the extremes that a line holds.
func (l *extremesLine) parse() (e Extremes, err error) {
	if l.Samples == 0 {
		return e, errors.New("extremes of no sample")
	}
	e.Samples = l.Samples
	for bit := range 32 {
		name := (Alarms(1) << bit).Names()[0]
		if a, ok := l.Alarms[name]; ok {
			e.Alarms = append(e.Alarms, AlarmSpan{Alarms(1) << bit, time.Duration(a.First), time.Duration(a.Last), a.Count})
			delete(l.Alarms, name)
		}
	}
	for name := range l.Alarms {
		return e, fmt.Errorf("alarm %q: not one that is known", name)
	}
	e.Vitals, err = inOrder(l.Values, func(v Vital, x extremeLine) Extreme {
		return Extreme{v, x.Min, x.Max, x.Last, time.Duration(x.MinAt), time.Duration(x.MaxAt)}
	})
	return e, err
}

// inOrder returns what stands under the names of vitals, in order of vitals.
func inOrder[L, T any](lines map[string]L, of func(Vital, L) T) (all []T, err error) {
	byVital := make(map[Vital]L, len(lines))
	for name, line := range lines {
		v, err := ParseVital(name)
		if err != nil {
			return nil, err
		}
		byVital[v] = line
	}
	for n := range 256 {
		if line, ok := byVital[Vital(n)]; ok {
			all = append(all, of(Vital(n), line))
		}
	}
	return all, nil
}
