package journal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"flightrec/journal/clock"

	"github.com/segmentio/ksuid"
)

// The kinds of records. They are part of the format and don't change. A kind
// that isn't listed comes from a newer version and is carried on verbatim.
const (
	kindOpaque  = 0 // an operand that isn't a sequence of records, kept as it was found
	kindTakeoff = 1
	kindBeat    = 2
	kindLanding = 3
)

// Bits of a beat's flags, part of the format.
const (
	flagRaw      = 1 << iota // the raw clock follows
	flagMaxError             // the maximum error follows
)

// Record is what Append writes: a [Takeoff], a [Beat] or a [Landing].
type Record interface {
	kind() byte
	appendBody(dst []byte) []byte
}

// verbatim is a record that isn't understood.
type verbatim struct {
	k    byte
	body []byte
}

func (Takeoff) kind() byte    { return kindTakeoff }
func (Beat) kind() byte       { return kindBeat }
func (Landing) kind() byte    { return kindLanding }
func (v verbatim) kind() byte { return v.k }

func (v verbatim) appendBody(dst []byte) []byte { return append(dst, v.body...) }

func (b Beat) appendBody(dst []byte) []byte {
	flags := b.flags()
	dst = binary.AppendUvarint(dst, b.Leg)
	dst = append(dst, byte(b.Cause), byte(b.Sync), flags)
	dst = appendString(dst, b.Source)
	dst = binary.AppendUvarint(dst, b.Count)
	dst = binary.AppendVarint(dst, int64(b.Elapsed))
	dst = binary.AppendVarint(dst, int64(b.Elapsed-b.Awake))
	dst = binary.AppendVarint(dst, int64(b.Wall))
	if flags&flagRaw != 0 {
		dst = binary.AppendVarint(dst, int64(b.Raw-b.Awake))
	}
	if flags&flagMaxError != 0 {
		dst = binary.AppendVarint(dst, int64(b.MaxError))
	}
	return dst
}

// flags tells which of a beat's fields are known.
func (b *Beat) flags() (flags byte) {
	if b.Raw != clock.Unknown {
		flags |= flagRaw
	}
	if b.MaxError != clock.Unknown {
		flags |= flagMaxError
	}
	return flags
}

func (t Takeoff) appendBody(dst []byte) []byte {
	for _, s := range []string{t.Host, t.Machine, t.Boot, t.OS, t.Kernel, t.Recorder} {
		dst = appendString(dst, s)
	}
	dst = binary.AppendVarint(dst, int64(t.SinceBoot))
	dst = binary.AppendVarint(dst, t.PID)
	dst = binary.AppendVarint(dst, int64(t.Interval))
	return append(dst, t.Continues.Bytes()...)
}

func (l Landing) appendBody(dst []byte) []byte {
	return appendString(append(dst, byte(l.Shutdown)), l.Reason)
}

func appendString(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// appendRecord appends the record's frame and body.
func appendRecord(dst []byte, r Record) []byte {
	var room [256]byte
	body := r.appendBody(room[:0])
	dst = append(dst, r.kind())
	dst = binary.AppendUvarint(dst, uint64(len(body)))
	return append(dst, body...)
}

// records splits an operand into its records. It never fails: what it can't
// decode is verbatim, and an operand whose frames don't add up is one opaque
// record. Encoding its result gives the operand again, or, for an opaque one, the
// record that holds it.
func records(operand []byte) []Record {
	n, ok := frames(operand)
	if !ok {
		return []Record{verbatim{kindOpaque, bytes.Clone(operand)}}
	}
	all := make([]Record, 0, n)
	for s := (scanner{rest: operand}); s.next(); {
		all = append(all, s.record())
	}
	return all
}

// frame returns where the body of the first of some records begins and ends, and
// false if that isn't within them, or its size is spelt in more bytes than it
// needs.
func frame(records []byte) (from, to int, ok bool) {
	size, n := binary.Uvarint(records[1:])
	if !shortest(records[1:], n) || size > uint64(len(records)-1-n) {
		return 0, 0, false
	}
	return 1 + n, 1 + n + int(size), true
}

// frames counts the records of an operand, and reports whether their frames add up.
func frames(operand []byte) (n int, ok bool) {
	for len(operand) > 0 {
		_, to, ok := frame(operand)
		if !ok {
			return 0, false
		}
		operand = operand[to:]
		n++
	}
	return n, true
}

// scanner takes the records of an operand whose frames add up one after the other.
type scanner struct {
	rest  []byte
	words words

	// The record at hand, if it is understood that which its kind names.
	kind       byte
	understood bool
	body       []byte
	takeoff    Takeoff
	beat       Beat
	landing    Landing
}

// next goes to the next record, and reports whether there is one.
func (s *scanner) next() bool {
	if len(s.rest) == 0 {
		return false
	}
	from, to, _ := frame(s.rest)
	s.kind, s.body, s.rest = s.rest[0], s.rest[from:to], s.rest[to:]
	d := decoder{rest: s.body, words: s.words}
	switch s.kind {
	case kindTakeoff:
		s.takeoff = d.takeoff()
	case kindBeat:
		s.beat = d.beat()
	case kindLanding:
		shutdown := Shutdown(d.byte())
		s.landing = Landing{Shutdown: shutdown, Reason: d.string()}
	default:
		d.err = errStrange
	}
	// Only what encodes to the same bytes counts as understood: a field that a newer
	// version appended, or a number spelt in more bytes than it needs, is no reason to
	// lose a single bit of it.
	s.understood = d.err == nil && len(d.rest) == 0
	return true
}

// record returns the record at hand, verbatim if it isn't understood.
func (s *scanner) record() Record {
	if s.understood {
		switch s.kind {
		case kindTakeoff:
			return s.takeoff
		case kindBeat:
			return s.beat
		case kindLanding:
			return s.landing
		}
	}
	return verbatim{s.kind, bytes.Clone(s.body)}
}

var (
	errShort   = errors.New("record ends early")
	errStrange = errors.New("record is spelt in a way of its own")
)

// decoder takes fields off the front of a body; after the first error all
// fields are zero. Spelling that encoding would not give again is an error.
type decoder struct {
	rest  []byte
	words words
	err   error
}

func (d *decoder) beat() Beat {
	b := Beat{Leg: d.uvarint(), Cause: Cause(d.byte())}
	b.Sync = clock.Sync(d.byte())
	flags := d.byte()
	b.Source = d.string()
	b.Count = d.uvarint()
	b.Elapsed = time.Duration(d.varint())
	b.Awake = b.Elapsed - time.Duration(d.varint())
	b.Wall = Instant(d.varint())
	b.Raw, b.MaxError = clock.Unknown, clock.Unknown
	if flags&flagRaw != 0 {
		b.Raw = b.Awake + time.Duration(d.varint())
	}
	if flags&flagMaxError != 0 {
		b.MaxError = time.Duration(d.varint())
	}
	if flags != b.flags() {
		d.err = errStrange
	}
	return b
}

func (d *decoder) takeoff() Takeoff {
	var t Takeoff
	t.Host, t.Machine = d.string(), d.string()
	t.Boot = string(d.text()) // no two boots share it
	t.OS, t.Kernel, t.Recorder = d.string(), d.string(), d.string()
	t.SinceBoot = time.Duration(d.varint())
	t.PID = d.varint()
	t.Interval = time.Duration(d.varint())
	copy(t.Continues[:], d.bytes(len(ksuid.KSUID{})))
	return t
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.rest)
	return number(d, v, n)
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.rest)
	return number(d, v, n)
}

// number takes the n bytes that a varint of value v was read from.
func number[T uint64 | int64](d *decoder, v T, n int) T {
	if n <= 0 {
		d.err = errShort
		d.rest = nil
		return 0
	}
	if !shortest(d.rest, n) {
		d.err = errStrange
	}
	d.rest = d.rest[n:]
	return v
}

// shortest reports whether b begins with a varint of n bytes, none of which it could
// do without.
func shortest(b []byte, n int) bool { return n > 0 && (n == 1 || b[n-1] != 0) }

func (d *decoder) bytes(n int) []byte {
	if n < 0 || n > len(d.rest) {
		d.err = errShort
		d.rest = nil
		return nil
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) byte() byte {
	if b := d.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

// text takes a str, which is good for as long as the operand is.
func (d *decoder) text() []byte {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		n = uint64(len(d.rest)) + 1
	}
	return d.bytes(int(n))
}

func (d *decoder) string() string { return d.words.of(d.text()) }

// words are texts that were read before: nearly all flights of a journal name the
// same host, system and recorder. Without a map nothing is kept.
type words map[string]string

// maxWords bounds how many texts are kept.
const maxWords = 1024

// of returns b as a string, without a copy where there is one.
func (w words) of(b []byte) string {
	switch string(b) {
	case "adjtimex":
		return "adjtimex"
	case "":
		return ""
	}
	if s, ok := w[string(b)]; ok {
		return s
	}
	s := string(b)
	if w != nil && len(w) < maxWords {
		w[s] = s
	}
	return s
}

// reading makes flights of values. It keeps from one to the next what they share.
type reading struct {
	words words
	legs  []Leg // room for those of one flight
}

func newReading() *reading { return &reading{words: words{}} }

// flightOf makes the flight of a single value.
func flightOf(id ksuid.KSUID, lane string, value []byte) (Flight, error) {
	return new(reading).flight(id, lane, value)
}

// flight makes the flight of a value: the folded log of its records. It says what
// of it isn't understood; a flight without a heartbeat has no legs.
func (r *reading) flight(id ksuid.KSUID, lane string, value []byte) (Flight, error) {
	f := Flight{ID: id, Lane: lane, Takeoff: Takeoff{SinceBoot: clock.Unknown}, Legs: r.legs[:0]}
	if _, ok := frames(value); !ok {
		value = nil
	}
	strange, takeoffs, backwards := 0, 0, false
	var last Beat
	for s := (scanner{rest: value, words: r.words}); s.next(); {
		switch {
		case !s.understood:
			strange++
		case s.kind == kindTakeoff:
			f.Takeoff = s.takeoff
			takeoffs++
		case s.kind == kindBeat:
			backwards = backwards || len(f.Legs) > 0 && s.beat.Elapsed < last.Elapsed
			f.addBeat(&s.beat, len(f.Legs) == 0 || !s.beat.sameLeg(last))
			last = s.beat
		case s.kind == kindLanding:
			landing := s.landing
			f.Landing, f.Ending = &landing, Landed
		}
	}
	r.legs = f.Legs
	f.Legs = slices.Clone(f.Legs)
	switch {
	case len(f.Legs) == 0:
		return f, fmt.Errorf("flight %v: no heartbeat can be read", id)
	case backwards:
		f.Legs = nil // their ends may be anywhere
		return f, fmt.Errorf("flight %v: its clocks run backwards", id)
	case strange > 0:
		return f, fmt.Errorf("flight %v: %d records not understood", id, strange)
	case takeoffs != 1:
		return f, fmt.Errorf("flight %v: %d takeoffs", id, takeoffs)
	}
	return f, nil
}

// addBeat adds a heartbeat to the flight's last leg, or begins the next one.
func (f *Flight) addBeat(b *Beat, begins bool) {
	if begins {
		f.Legs = append(f.Legs, Leg{Cause: b.Cause, Source: b.Source, First: b.Fix})
	}
	leg := &f.Legs[len(f.Legs)-1]
	leg.Last = b.Fix
	leg.Beats += b.Count
}
