package journal

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"flightrec/journal/clock"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/segmentio/ksuid"
)

// maxLine is the longest line of a dump that is read: several times what a
// flight of maxLegs legs takes.
const maxLine = 4 << 20

// maxDumpLegs bounds the legs of a flight that are read: many times what this
// version's recorder makes, since a later one may allow itself more. A line of
// maxLine bytes could else stand for a hundred times as much memory.
const maxDumpLegs = 4096

// UnmarshalJSONFrom reads the legs, maxDumpLegs at most.
func (l *legLines) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*l = nil
	switch open, err := d.ReadToken(); {
	case err != nil, open.Kind() == 'n':
		return err
	case open.Kind() != '[':
		return errors.New("legs: not a list")
	}
	for d.PeekKind() != ']' {
		if len(*l) == maxDumpLegs {
			return fmt.Errorf("more than %d legs", maxDumpLegs)
		}
		*l = append(*l, legLine{})
		if err := jsonv2.UnmarshalDecode(d, &(*l)[len(*l)-1]); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// lenient has a line read as encoding/json reads it: of two fields of one name the last
// stands, and what is no UTF-8 becomes U+FFFD.
var lenient = jsonv2.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// inWords returns an error of reading JSON as it is told: by the names of the fields, and
// with nothing of Go in it.
func inWords(err error) error {
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		return fmt.Errorf("%w, at byte %d", syntax.Err, syntax.ByteOffset+1)
	}
	var wrong *jsonv2.SemanticError
	if !errors.As(err, &wrong) {
		return err
	}
	if wrong.Err != nil && !errors.Is(wrong.Err, strconv.ErrRange) && !errors.Is(wrong.Err, strconv.ErrSyntax) {
		return wrong.Err
	}
	var names []string
	for name := range wrong.JSONPointer.Tokens() {
		if _, err := strconv.Atoi(name); err != nil {
			names = append(names, name)
		}
	}
	value := wrong.JSONKind.String()
	switch wrong.JSONKind {
	case '0':
		value = strings.TrimSpace("number " + string(wrong.JSONValue))
	case 't', 'f':
		value = "bool"
	case '{':
		value = "object"
	case '[':
		value = "array"
	}
	if names == nil {
		return fmt.Errorf("can't be %s", value)
	}
	return fmt.Errorf("%s: can't be %s", strings.Join(names, "."), value)
}

// ParseFlight reads a line of a dump: an object as [AppendFlight] writes it, with
// any further fields. It is an error if it breaks one of the format's rules.
func ParseFlight(text []byte) (Flight, error) {
	var line flightLine
	if err := jsonv2.Unmarshal(text, &line, lenient); err != nil {
		return Flight{}, fmt.Errorf("not a flight: %w", inWords(err))
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

func fixOfLine(l fixLine) Fix {
	return Fix{time.Duration(l.Elapsed), time.Duration(l.Awake), orUnknown(l.Raw), *l.Wall, l.Sync, orUnknown(l.MaxError)}
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
