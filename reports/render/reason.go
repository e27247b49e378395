package render

import (
	"strings"

	"flightrec/reports"
)

// reasonNames are what people call the special words of a verdict.
var reasonNames = map[string]string{
	"undervoltage": "under-voltage", "overvoltage": "over-voltage", "overcurrent": "over-current",
	"thermal": "heat", "oom": "out of memory", "poweroff": "power off",
}

// ReasonText returns why a machine went down, in words for people; empty where nothing
// tells more than the cause.
func ReasonText(v *reports.Verdict) string {
	var all []string
	for _, word := range v.Special() {
		if name, ok := reasonNames[word]; ok {
			word = name
		}
		all = append(all, Printable(word))
	}
	return strings.Join(all, ", ")
}

// causeText returns the cause of a downtime, with the reason in brackets.
func causeText(p *reports.Period) string {
	reason := ReasonText(&p.Verdict)
	switch {
	case reason == "":
		return p.Cause.String()
	case p.Verdict.Certainty == reports.CertaintyLikely:
		reason += ", likely"
	}
	return p.Cause.String() + " (" + reason + ")"
}

// shortReason returns the reason for a column: with a question mark where it is likely,
// and in a narrow one without what it is a case of.
func shortReason(v *reports.Verdict, narrow bool) string {
	reason := ReasonText(v)
	if narrow {
		reason, _, _ = strings.Cut(reason, ", ")
	}
	if reason != "" && v.Certainty == reports.CertaintyLikely {
		reason += "?"
	}
	return reason
}

// reasonFields returns a verdict's words and certainty for programs, nil where nothing
// tells more than the cause.
func reasonFields(v *reports.Verdict) (reason, certainty *string) {
	if v.Certainty == reports.CertaintyNone {
		return nil, nil
	}
	words, sure := v.Reason(), v.Certainty.String()
	return &words, &sure
}
