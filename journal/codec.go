package journal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
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
	var flags byte
	if b.Raw != clock.Unknown {
		flags |= flagRaw
	}
	if b.MaxError != clock.Unknown {
		flags |= flagMaxError
	}
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
	var all []Record
	for rest := operand; len(rest) > 0; {
		size, n := binary.Uvarint(rest[1:])
		if n <= 0 || size > uint64(len(rest)-1-n) {
			return []Record{verbatim{kindOpaque, bytes.Clone(operand)}}
		}
		end := 1 + n + int(size)
		r := decode(rest[0], rest[1+n:end])
		// Only what encodes to the same bytes counts as understood: a field that a
		// newer version appended, or a number spelt in more bytes than it needs, is
		// no reason to lose a single bit of it.
		if !bytes.Equal(appendRecord(nil, r), rest[:end]) {
			r = verbatim{rest[0], bytes.Clone(rest[1+n : end])}
			if !bytes.Equal(appendRecord(nil, r), rest[:end]) {
				return []Record{verbatim{kindOpaque, bytes.Clone(operand)}}
			}
		}
		all = append(all, r)
		rest = rest[end:]
	}
	return all
}

// decode returns the record of this kind and body, verbatim if it isn't one.
func decode(kind byte, body []byte) Record {
	d := decoder{rest: body}
	var r Record
	switch kind {
	case kindTakeoff:
		r = d.takeoff()
	case kindBeat:
		r = d.beat()
	case kindLanding:
		shutdown := Shutdown(d.byte())
		r = Landing{Shutdown: shutdown, Reason: d.string()}
	}
	if r == nil || d.err != nil {
		return verbatim{kind, bytes.Clone(body)}
	}
	return r
}

var errShort = errors.New("record ends early")

// decoder takes fields off the front of a body; after the first error all
// fields are zero.
type decoder struct {
	rest []byte
	err  error
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
	return b
}

func (d *decoder) takeoff() Takeoff {
	var t Takeoff
	for _, s := range []*string{&t.Host, &t.Machine, &t.Boot, &t.OS, &t.Kernel, &t.Recorder} {
		*s = d.string()
	}
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
	d.rest = d.rest[n:]
	return v
}

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

func (d *decoder) string() string {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		n = uint64(len(d.rest)) + 1
	}
	return intern(d.bytes(int(n)))
}

// intern returns b as a string, without a copy for the words that nearly every
// heartbeat repeats.
func intern(b []byte) string {
	switch string(b) {
	case "adjtimex":
		return "adjtimex"
	case "":
		return ""
	}
	return string(b)
}

// flightOf makes the flight of a value: the folded log of its records. It says
// what of it isn't understood; a flight without a heartbeat has no legs.
func flightOf(id ksuid.KSUID, lane string, value []byte) (Flight, error) {
	f := Flight{ID: id, Lane: lane, Takeoff: Takeoff{SinceBoot: clock.Unknown}}
	strange, takeoffs, backwards := 0, 0, false
	var last Beat
	for _, r := range records(value) {
		switch r := r.(type) {
		case Takeoff:
			f.Takeoff = r
			takeoffs++
		case Beat:
			backwards = backwards || len(f.Legs) > 0 && r.Elapsed < last.Elapsed
			f.addBeat(r, len(f.Legs) == 0 || !r.sameLeg(last))
			last = r
		case Landing:
			f.Landing, f.Ending = &r, Landed
		case verbatim:
			strange++
		}
	}
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
func (f *Flight) addBeat(b Beat, begins bool) {
	if begins {
		f.Legs = append(f.Legs, Leg{Cause: b.Cause, Source: b.Source, First: b.Fix})
	}
	leg := &f.Legs[len(f.Legs)-1]
	leg.Last = b.Fix
	leg.Beats += b.Count
}
