package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"flightrec/journal/clock"
)

// Schema names the format of a dump's lines.
const Schema = "flightrec/1"

// The lines of a dump, as JSON has them. Grounding appends its own fields to
// them (package reports), and reading ignores those.
type (
	flightLine struct {
		Schema    string       `json:"schema"`
		Flight    string       `json:"flight"`
		Continues *string      `json:"continues"`
		Journal   string       `json:"journal"`
		Lane      string       `json:"lane"`
		Host      string       `json:"host"`
		Machine   string       `json:"machine"`
		Boot      string       `json:"boot"`
		OS        string       `json:"os"`
		Kernel    string       `json:"kernel"`
		Recorder  string       `json:"recorder"`
		Built     *Instant     `json:"recorder_built"`
		PID       int64        `json:"pid"`
		Hardware  string       `json:"hardware"`
		Container *string      `json:"container"`
		Interval  *int64       `json:"interval_ns"`
		SinceBoot *int64       `json:"since_boot_ns"`
		Awake     *int64       `json:"awake_since_boot_ns"`
		Beats     uint64       `json:"beats"`
		Legs      legLines     `json:"legs"`
		Landing   *landingLine `json:"landing"`
		Ending    Ending       `json:"ending"`
		Dumped    *fixLine     `json:"dumped"`
		Evidence  []clueLine   `json:"evidence,omitempty"`
		Vitals    *vitalsLine  `json:"vitals,omitempty"`
	}
	legLines []legLine
	legLine  struct {
		Cause  Cause   `json:"cause"`
		Beats  uint64  `json:"beats"`
		Source string  `json:"source"`
		First  fixLine `json:"first"`
		Last   fixLine `json:"last"`
	}
	fixLine struct {
		Elapsed  int64      `json:"elapsed_ns"`
		Awake    int64      `json:"awake_ns"`
		Raw      *int64     `json:"raw_ns"`
		Wall     *Instant   `json:"wall"`
		Sync     clock.Sync `json:"sync"`
		MaxError *int64     `json:"max_error_ns"`
	}
	landingLine struct {
		Reason   string  `json:"reason"`
		Shutdown *bool   `json:"shutdown"`
		To       *string `json:"to"`
	}
)

// AppendFlight appends what was recorded of a flight as one JSON object.
func AppendFlight(dst []byte, f *Flight) []byte {
	line := flightLine{
		Schema: Schema, Flight: f.ID.String(), Lane: valid(f.Lane),
		Host: valid(f.Takeoff.Host), Machine: valid(f.Takeoff.Machine), Boot: valid(f.Takeoff.Boot),
		OS: valid(f.Takeoff.OS), Kernel: valid(f.Takeoff.Kernel), Recorder: valid(f.Takeoff.Recorder), PID: f.Takeoff.PID,
		Journal: valid(f.Takeoff.Journal), Hardware: valid(f.Takeoff.Hardware),
		SinceBoot: orNull(f.Takeoff.SinceBoot), Awake: orNull(f.Takeoff.AwakeSinceBoot),
		Beats:  f.Beats(),
		Legs:   make([]legLine, len(f.Legs)),
		Ending: f.Ending, Evidence: newClueLines(f.Evidence), Vitals: newVitalsLine(f.Vitals),
	}
	if !f.Takeoff.Continues.IsNil() {
		s := f.Takeoff.Continues.String()
		line.Continues = &s
	}
	if f.Takeoff.Built != 0 {
		line.Built = &f.Takeoff.Built
	}
	if f.Takeoff.BootOrigin != clock.BootOriginUnknown {
		kind := valid(f.Takeoff.Container)
		line.Container = &kind
	}
	if ns := int64(f.Takeoff.Interval); ns != 0 {
		line.Interval = &ns
	}
	for i, leg := range f.Legs {
		line.Legs[i] = legLine{leg.Cause, leg.Beats, valid(string(leg.Source)), fixToLine(leg.First), fixToLine(leg.Last)}
	}
	if f.Landing != nil {
		line.Landing = &landingLine{Reason: valid(f.Landing.Reason)}
		if f.Landing.Shutdown != ShutdownUnknown {
			yes := f.Landing.Shutdown == ShutdownYes
			line.Landing.Shutdown = &yes
		}
		if to := valid(f.Landing.To); to != "" {
			line.Landing.To = &to
		}
	}
	if f.Dumped != nil {
		fix := fixToLine(*f.Dumped)
		line.Dumped = &fix
	}
	buf := bytes.NewBuffer(dst)
	encoder := json.NewEncoder(buf)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(line); err != nil {
		panic(err) // none of these types can fail
	}
	return escapeControls(bytes.TrimSuffix(buf.Bytes(), []byte("\n")), len(dst))
}

// valid returns a text as a reader of the dump will have it. The encoder spells bytes
// that are no UTF-8 otherwise than the character that they are read as, and a dump
// that was read and dumped again must give the same bytes.
func valid(text string) string { return strings.ToValidUTF8(text, "\ufffd") }

// escapeControls spells the control characters that JSON allows as they are, DEL and
// those from U+0080 to U+009F, as escapes: a terminal obeys some of them.
func escapeControls(line []byte, from int) []byte {
	if !bytes.ContainsFunc(line[from:], isControl) {
		return line
	}
	spelt := slices.Clone(line[:from])
	for _, r := range string(line[from:]) {
		if isControl(r) {
			spelt = fmt.Appendf(spelt, "\\u%04x", r)
		} else {
			spelt = utf8.AppendRune(spelt, r)
		}
	}
	return spelt
}

func isControl(r rune) bool { return r >= 0x7f && r < 0xa0 }

func fixToLine(f Fix) fixLine {
	return fixLine{int64(f.Elapsed), int64(f.Awake), orNull(f.Raw), &f.Wall, f.Sync, orNull(f.MaxError)}
}

func orNull(d time.Duration) *int64 {
	if d == clock.Unknown {
		return nil
	}
	ns := int64(d)
	return &ns
}
