package journal

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"flightrec/journal/clock"

	"github.com/segmentio/ksuid"
)

// Schema names the format of a dump's lines.
const Schema = "flightrec/1"

// maxLine is the longest line of a dump that is read: several times what a
// flight of maxLegs legs takes.
const maxLine = 4 << 20

// maxDumpLegs bounds the legs of a flight that are read: many times what this
// version's recorder makes, since a later one may allow itself more. A line of
// maxLine bytes could else stand for a hundred times as much memory.
const maxDumpLegs = 4096

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

// UnmarshalJSON reads the legs, maxDumpLegs at most.
func (l *legLines) UnmarshalJSON(text []byte) error {
	*l = nil
	d := json.NewDecoder(bytes.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('[') {
		if open == nil && err == nil {
			return nil // null
		}
		return cmp.Or(err, errors.New("legs: not a list"))
	}
	for d.More() {
		if len(*l) == maxDumpLegs {
			return fmt.Errorf("more than %d legs", maxDumpLegs)
		}
		var leg legLine
		if err := d.Decode(&leg); err != nil {
			return err
		}
		*l = append(*l, leg)
	}
	return nil
}

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

// ParseFlight reads a line of a dump: an object as [AppendFlight] writes it, with
// any further fields. It is an error if it breaks one of the format's rules.
func ParseFlight(text []byte) (Flight, error) {
	var line flightLine
	if err := json.Unmarshal(text, &line); err != nil {
		if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) && wrong.Field != "" {
			err = fmt.Errorf("%s: can't be %s", wrong.Field, wrong.Value)
		}
		return Flight{}, fmt.Errorf("not a flight: %w", err)
	}
	if line.Schema != Schema {
		return Flight{}, fmt.Errorf("schema %q: not %q", line.Schema, Schema)
	}
	id, err := ksuid.Parse(line.Flight)
	if err != nil {
		return Flight{}, fmt.Errorf("flight %q: not a KSUID", line.Flight)
	}
	f := Flight{ID: id, Lane: line.Lane, Ending: line.Ending, Takeoff: Takeoff{
		Identity:  clock.Identity{Host: line.Host, Machine: line.Machine, Hardware: line.Hardware, Boot: line.Boot, OS: line.OS, Kernel: line.Kernel},
		Journal:   line.Journal,
		SinceBoot: orUnknown(line.SinceBoot), AwakeSinceBoot: orUnknown(line.Awake), Recorder: line.Recorder, PID: line.PID,
	}}
	if line.Built != nil {
		f.Takeoff.Built = *line.Built
	}
	if line.Container != nil {
		f.Takeoff.Container, f.Takeoff.BootOrigin = *line.Container, clock.BootOriginKernel
		if *line.Container != "" {
			f.Takeoff.BootOrigin = clock.BootOriginContainer
		}
	}
	if line.Continues != nil {
		if f.Takeoff.Continues, err = ksuid.Parse(*line.Continues); err != nil {
			return Flight{}, fmt.Errorf("continues %q: not a KSUID", *line.Continues)
		}
	}
	if line.Interval != nil {
		if f.Takeoff.Interval = time.Duration(*line.Interval); f.Takeoff.Interval <= 0 {
			return Flight{}, fmt.Errorf("interval_ns %d: not positive", *line.Interval)
		}
	}
	f.Legs = make([]Leg, len(line.Legs))
	for i, l := range line.Legs {
		if l.First.Wall == nil || l.Last.Wall == nil {
			return Flight{}, fmt.Errorf("leg %d: no wall time", i)
		}
		f.Legs[i] = Leg{l.Cause, l.Beats, clock.Source(l.Source), fixOfLine(l.First), fixOfLine(l.Last)}
	}
	if line.Landing != nil {
		f.Landing = &Landing{Reason: line.Landing.Reason}
		if yes := line.Landing.Shutdown; yes != nil {
			f.Landing.Shutdown = ShutdownNo
			if *yes {
				f.Landing.Shutdown = ShutdownYes
			}
		}
		if line.Landing.To != nil {
			f.Landing.To = *line.Landing.To
		}
	}
	if line.Dumped != nil {
		if line.Dumped.Wall == nil {
			return Flight{}, errors.New("dumped: no wall time")
		}
		fix := fixOfLine(*line.Dumped)
		f.Dumped = &fix
	}
	for _, c := range line.Evidence {
		f.Evidence = append(f.Evidence, Clue(c))
	}
	if line.Vitals != nil {
		if f.Vitals, err = line.Vitals.parse(); err != nil {
			return Flight{}, fmt.Errorf("vitals: %w", err)
		}
	}
	if f.Beats() != line.Beats {
		return Flight{}, fmt.Errorf("beats %d: its legs have %d", line.Beats, f.Beats())
	}
	return f, f.check()
}

// ReadDump reads the lines of a dump and passes each flight to each. What breaks
// a rule goes to warn, by name and line, and the other lines are used. The error is
// that of the stream or of the context.
func ReadDump(ctx context.Context, name string, r io.Reader, each func(Flight), warn func(error)) error {
	lines := bufio.NewReaderSize(r, 64<<10)
	var long []byte
	for n := 1; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		text, tooLong, err := readLine(lines, &long)
		if err != nil && err != io.EOF {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		switch {
		case tooLong:
			warn(fmt.Errorf("%s:%d: line longer than %d bytes", name, n, maxLine))
		case len(bytes.TrimSpace(text)) > 0:
			if f, err := ParseFlight(text); err != nil {
				warn(fmt.Errorf("%s:%d: %w", name, n, err))
			} else {
				each(f)
			}
		}
		if err == io.EOF {
			return nil
		}
	}
}

// readLine returns the next line, or says that it was too long and skips it. The
// text is good until the next call.
func readLine(r *bufio.Reader, long *[]byte) (text []byte, tooLong bool, err error) {
	*long = (*long)[:0]
	for {
		part, err := r.ReadSlice('\n')
		if err != bufio.ErrBufferFull && len(*long) == 0 && !tooLong {
			return part, false, err
		}
		if tooLong = tooLong || len(*long)+len(part) > maxLine; !tooLong {
			*long = append(*long, part...)
		}
		if err != bufio.ErrBufferFull {
			return *long, tooLong, err
		}
	}
}

func fixToLine(f Fix) fixLine {
	return fixLine{int64(f.Elapsed), int64(f.Awake), orNull(f.Raw), &f.Wall, f.Sync, orNull(f.MaxError)}
}

func fixOfLine(l fixLine) Fix {
	return Fix{time.Duration(l.Elapsed), time.Duration(l.Awake), orUnknown(l.Raw), *l.Wall, l.Sync, orUnknown(l.MaxError)}
}

func orNull(d time.Duration) *int64 {
	if d == clock.Unknown {
		return nil
	}
	ns := int64(d)
	return &ns
}

func orUnknown(ns *int64) time.Duration {
	switch {
	case ns == nil:
		return clock.Unknown
	case *ns < 0:
		return clock.Unknown - 1 // not Unknown but wrong, as check will say
	}
	return time.Duration(*ns)
}
