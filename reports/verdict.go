package reports

import (
	"slices"
	"strings"

	"flightrec/journal"
)

// Verdict is what evidence tells of how a machine went down. The zero value says that it
// tells nothing beyond the cause.
type Verdict struct {
	// Words go from general to special, the cause among them: crash, power, undervoltage.
	Words     []string
	Certainty Certainty
	Evidence  []Finding // what speaks for it, and what else was found
}

// Certainty says how far a verdict can be trusted.
type Certainty uint8

const (
	CertaintyNone   Certainty = iota // nothing was found
	CertaintyLikely                  // it fits what was found
	CertaintyProven                  // somebody says so who must know
)

var certaintyNames = [...]string{"", "likely", "proven"}

// String returns the certainty as reports spell it, empty for none.
func (c Certainty) String() string { return certaintyNames[c] }

// Finding is one piece of evidence.
type Finding struct {
	Text string // in words
	Raw  string // as it was recorded, empty where the words say it all
}

// Reason returns the words, separated by commas, empty where nothing tells more than the
// cause.
func (v *Verdict) Reason() string { return strings.Join(v.Words, ",") }

// CrashReasons returns the words of each verdict that a crash can have, in order; crash
// alone where nothing tells more.
func CrashReasons() []string {
	all := []string{CauseCrash.String()}
	for i := range rules {
		if rules[i].words != "" {
			all = append(all, rules[i].words)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Special returns the most special words: those behind the cause, and behind what they
// are a kind of.
func (v *Verdict) Special() []string {
	switch n := len(v.Words); {
	case n > 2 && v.Words[1] == "power":
		return v.Words[2:]
	case n > 1:
		return v.Words[1:]
	}
	return nil
}

// verdictOf judges how the uptime u ended, which next follows, by that cause. Evidence
// can turn a crash into a shutdown.
func verdictOf(cause Cause, u, next *Uptime) (Cause, Verdict) {
	if cause != CauseShutdown && !u.hasBox() && !next.hasBox() {
		return cause, Verdict{} // of older recorders, which tell nothing
	}
	switch cause {
	case CauseShutdown:
		if l := u.last.Landing; l != nil && l.To != "" {
			return cause, Verdict{Words: []string{"shutdown", l.To}, Certainty: CertaintyProven, Evidence: []Finding{{"the recorder was told so when it was stopped", ""}}}
		}
	case CauseStopped:
		// The recorder was stopped, and could not ask why in time.
		if f := newFacts(u, next); u.last.Landing.Shutdown == journal.ShutdownUnknown && f.orderly() == orderlyProven && f.soon() {
			return CauseShutdown, Verdict{Words: []string{"shutdown"}, Certainty: CertaintyProven,
				Evidence: []Finding{{"the system wrote down that it was shut down, right after the recorder was stopped", "wtmp " + f.marks()}}}
		}
	case CauseCrash:
		f := newFacts(u, next)
		if f.orderly() == orderlyProven {
			return CauseShutdown, Verdict{Words: []string{"shutdown"}, Certainty: CertaintyProven,
				Evidence: []Finding{{"the system wrote down that it was shut down, though the recorder was killed first", "wtmp " + f.marks()}}}
		}
		return cause, f.judge()
	}
	return cause, Verdict{}
}

// judge goes through the rules. The first that holds decides; what the others found is
// told as well.
func (f *facts) judge() (v Verdict) {
	skipped := f.skipped()
	for i := range rules {
		r := &rules[i]
		if r.reset && skipped {
			continue
		}
		found, certainty := r.holds(f)
		if certainty == CertaintyNone && found.Text == "" {
			continue
		}
		if found.Text != "" {
			v.Evidence = append(v.Evidence, found)
		}
		if v.Certainty == CertaintyNone && certainty != CertaintyNone {
			v.Words, v.Certainty = strings.Split(r.words, ","), certainty
		}
	}
	return v
}

// Recorded reports whether the flights around a downtime hold anything of a black box:
// older recorders have none.
func (p *Period) Recorded() bool { return p.recorded }

// hasBox reports whether the recorder of one of u's flights had a black box.
func (u *Uptime) hasBox() bool {
	for _, f := range u.flights {
		if len(f.Evidence) > 0 || !f.Vitals.IsZero() {
			return true
		}
	}
	return false
}

// lastVitals are the vitals of the flight that u ended with.
func (u *Uptime) lastVitals() (journal.Vitals, journal.Fix) {
	return u.last.Vitals, u.last.Legs[len(u.last.Legs)-1].Last
}
