package journal

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
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
	kindNext    = 4 // a heartbeat, by what it differs in from the one right before it
	kindBoot    = 5 // a takeoff whose boot ID is a UUID
)

// Bits of a beat's flags, part of the format.
const (
	flagRaw      = 1 << iota // the raw clock follows
	flagMaxError             // the maximum error follows
	flagLeg                  // of kindNext: the leg follows, which is another one
)

// Record is what Append writes: a [Takeoff], a [Beat] or a [Landing].
type Record interface {
	// appendRecord appends the record's kind and its body, for a log in which it stands
	// right behind the heartbeat before, or nil if that is none.
	appendRecord(dst []byte, before *Beat) (kind byte, body []byte)
}

// verbatim is a record that isn't understood.
type verbatim struct {
	k    byte
	body []byte
}

func (v verbatim) appendRecord(dst []byte, _ *Beat) (byte, []byte) {
	return v.k, append(dst, v.body...)
}

func (b Beat) appendRecord(dst []byte, before *Beat) (byte, []byte) {
	flags := b.flags()
	if before == nil {
		dst = binary.AppendUvarint(dst, b.Leg)
		dst = append(dst, byte(b.Cause), byte(b.Sync), flags)
		dst = appendString(dst, b.Source)
		return kindBeat, b.appendClocks(dst, &Fix{Wall: -Instant(b.Elapsed)})
	}
	if b.sameLeg(before) {
		dst = append(dst, flags)
	} else {
		dst = append(dst, flags|flagLeg)
		dst = binary.AppendUvarint(dst, b.Leg)
		dst = append(dst, byte(b.Cause), byte(b.Sync))
		dst = appendString(dst, b.Source)
	}
	return kindNext, b.appendClocks(dst, &before.Fix)
}

// appendClocks appends the count and what the clocks differ in from those of a fix.
// All differences wrap around, so that none is too great.
func (b *Beat) appendClocks(dst []byte, from *Fix) []byte {
	dst = binary.AppendUvarint(dst, b.Count)
	dst = binary.AppendVarint(dst, int64(b.Elapsed-from.Elapsed))
	dst = binary.AppendVarint(dst, int64((b.Elapsed-b.Awake)-(from.Elapsed-from.Awake)))
	dst = binary.AppendVarint(dst, int64((b.Wall-Instant(b.Elapsed))-(from.Wall-Instant(from.Elapsed))))
	if b.Raw != clock.Unknown {
		dst = binary.AppendVarint(dst, int64((b.Raw-b.Awake)-(from.Raw-from.Awake)))
	}
	if b.MaxError != clock.Unknown {
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

func (t Takeoff) appendRecord(dst []byte, _ *Beat) (byte, []byte) {
	dst = appendString(appendString(dst, t.Host), t.Machine)
	kind := byte(kindTakeoff)
	if id, ok := uuidOf(t.Boot); ok {
		kind = kindBoot
		dst = append(dst, id[:]...)
	} else {
		dst = appendString(dst, t.Boot)
	}
	for _, s := range []string{t.OS, t.Kernel, t.Recorder} {
		dst = appendString(dst, s)
	}
	dst = binary.AppendVarint(dst, int64(t.SinceBoot))
	dst = binary.AppendVarint(dst, t.PID)
	dst = binary.AppendVarint(dst, int64(t.Interval))
	return kind, append(dst, t.Continues.Bytes()...)
}

func (l Landing) appendRecord(dst []byte, _ *Beat) (byte, []byte) {
	return kindLanding, appendString(append(dst, byte(l.Shutdown)), l.Reason)
}

func appendString(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// uuidOf returns the bytes of a UUID that is spelt as Linux spells it.
func uuidOf(text string) (id [uuidSize]byte, ok bool) {
	if len(text) != uuidLen {
		return id, false
	}
	n, err := hex.Decode(id[:], []byte(text[:8]+text[9:13]+text[14:18]+text[19:23]+text[24:]))
	return id, err == nil && n == len(id) && uuidText(id[:]) == text
}

const (
	uuidSize = 16
	uuidLen  = 36 // as text
)

// uuidText is the inverse of uuidOf.
func uuidText(id []byte) string { return new(uuidTexts).of(id) }

// uuidTexts spells UUIDs. A report of ten years has so many that each is not given
// memory of its own.
type uuidTexts struct{ room strings.Builder }

// of returns the text of a UUID, which must be whole.
func (t *uuidTexts) of(id []byte) string {
	if t.room.Cap()-t.room.Len() < uuidLen {
		const most = 512
		room := min(max(uuidLen, 2*t.room.Cap()), most*uuidLen)
		t.room = strings.Builder{}
		t.room.Grow(room)
	}
	var text [uuidLen]byte
	to := 0
	for _, part := range [...][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:uuidSize]} {
		to += hex.Encode(text[to:], part)
		if to < uuidLen {
			text[to] = '-'
			to++
		}
	}
	at := t.room.Len()
	t.room.Write(text[:])
	return t.room.String()[at:]
}

// appendLog appends records that stand one behind the other.
func appendLog(dst []byte, log []Record) []byte {
	var room [256]byte
	var before *Beat
	for _, r := range log {
		kind, body := r.appendRecord(room[:0], before)
		dst = append(dst, kind)
		dst = binary.AppendUvarint(dst, uint64(len(body)))
		dst = append(dst, body...)
		before = beatOf(r)
	}
	return dst
}

// records splits an operand into its records. It never fails: what it can't
// decode is verbatim, and an operand whose frames don't add up is one opaque
// record. The log that appendLog makes of its result has the same records again.
func records(operand []byte) []Record {
	var all []Record
	s := scanner{rest: operand}
	for s.next() {
		all = append(all, s.record())
	}
	if s.broken {
		return []Record{verbatim{kindOpaque, bytes.Clone(operand)}}
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

// scanner takes the records of an operand one after the other.
type scanner struct {
	rest   []byte
	broken bool // the operand isn't a sequence of records

	// The record at hand, if it is understood that which its kind names. The takeoff,
	// the beat and the landing stay until the next one of their kind.
	kind       byte
	understood bool
	body       []byte
	takeoff    Takeoff
	beat       Beat
	landing    Landing
	uuids      uuidTexts
}

// next goes to the next record, and reports whether there is one.
func (s *scanner) next() bool {
	if len(s.rest) == 0 {
		return false
	}
	from, to, ok := frame(s.rest)
	if !ok {
		s.broken = true
		return false
	}
	behind := s.understood && s.isBeat() // another beat
	s.kind, s.body, s.rest = s.rest[0], s.rest[from:to], s.rest[to:]
	d := decoder{rest: s.body}
	switch s.kind {
	case kindTakeoff, kindBoot:
		d.takeoff(&s.takeoff, s.kind == kindBoot, &s.uuids)
	case kindBeat:
		d.beat(&s.beat)
	case kindNext:
		known := d.nextBeat(&s.beat)
		if d.whole() && !(behind && known) {
			// It can't be kept by itself: behind another heartbeat it would be taken for
			// what it isn't.
			s.broken = true
			return false
		}
	case kindLanding:
		s.landing.Shutdown = Shutdown(d.byte())
		s.landing.Reason = d.string(s.landing.Reason)
	default:
		d.err = errStrange
	}
	// Only what is spelt as this version does counts as understood: a field that a newer
	// version appended, or a number spelt in more bytes than it needs, is no reason to
	// lose a single bit of it.
	s.understood = d.whole()
	return true
}

// isBeat reports whether the record at hand is a heartbeat, if it is understood.
func (s *scanner) isBeat() bool { return s.kind == kindBeat || s.kind == kindNext }

// record returns the record at hand, verbatim if it isn't understood.
func (s *scanner) record() Record {
	switch {
	case !s.understood:
		return verbatim{s.kind, bytes.Clone(s.body)}
	case s.isBeat():
		return s.beat
	case s.kind == kindLanding:
		return s.landing
	}
	return s.takeoff
}

var (
	errShort   = errors.New("record ends early")
	errStrange = errors.New("record is spelt in a way of its own")
)

// decoder takes fields off the front of a body; after the first error all
// fields are zero. Spelling that encoding would not give again is an error.
type decoder struct {
	rest []byte
	err  error
}

// whole reports whether a body was taken to its end without an error.
func (d *decoder) whole() bool { return d.err == nil && len(d.rest) == 0 }

func (d *decoder) beat(b *Beat) {
	b.Leg = d.uvarint()
	b.Cause, b.Sync = Cause(d.byte()), clock.Sync(d.byte())
	flags := d.byte()
	b.Source = d.string(b.Source)
	b.Fix = Fix{Sync: b.Sync}
	d.clocks(b, flags)
	b.Wall -= Instant(b.Elapsed) // it is told whole
	if flags != b.flags() {
		d.err = errStrange
	}
}

// nextBeat takes the heartbeat right behind b, and reports whether it can be one.
func (d *decoder) nextBeat(b *Beat) bool {
	flags := d.byte()
	if flags&flagLeg != 0 {
		b.Leg = d.uvarint()
		b.Cause, b.Sync = Cause(d.byte()), clock.Sync(d.byte())
		b.Source = d.string(b.Source)
	}
	if flags > flagRaw|flagMaxError|flagLeg {
		d.err = errStrange
	}
	d.clocks(b, flags)
	return flags&^flagLeg == b.flags()
}

// clocks takes the count of b, and what its clocks differ in from those that b has.
func (d *decoder) clocks(b *Beat, flags byte) {
	from := b.Fix
	b.Count = d.uvarint()
	b.Elapsed = from.Elapsed + time.Duration(d.varint())
	b.Awake = b.Elapsed - (from.Elapsed - from.Awake) - time.Duration(d.varint())
	b.Wall = Instant(b.Elapsed) + (from.Wall - Instant(from.Elapsed)) + Instant(d.varint())
	b.Raw, b.MaxError = clock.Unknown, clock.Unknown
	if flags&flagRaw != 0 {
		b.Raw = b.Awake + (from.Raw - from.Awake) + time.Duration(d.varint())
	}
	if flags&flagMaxError != 0 {
		b.MaxError = time.Duration(d.varint())
	}
}

// takeoff takes a takeoff that has most in common with the one that t is.
func (d *decoder) takeoff(t *Takeoff, uuid bool, uuids *uuidTexts) {
	t.Host, t.Machine = d.string(t.Host), d.string(t.Machine)
	if uuid {
		if id := d.bytes(uuidSize); id != nil {
			t.Boot = uuids.of(id)
		}
	} else {
		t.Boot = d.string(t.Boot)
	}
	t.OS, t.Kernel, t.Recorder = d.string(t.OS), d.string(t.Kernel), d.string(t.Recorder)
	t.SinceBoot = time.Duration(d.varint())
	t.PID = d.varint()
	t.Interval = time.Duration(d.varint())
	copy(t.Continues[:], d.bytes(len(ksuid.KSUID{})))
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

// string takes a str. Nearly always it is the one that was read in its place before,
// which serves again then.
func (d *decoder) string(before string) string {
	if b := d.text(); string(b) != before {
		return string(b)
	}
	return before
}

// reading makes flights of values. What they have in common it keeps once.
type reading struct {
	scan    scanner
	legs    []Leg // room for those of one flight
	slab    []Leg // those of the latest flights
	landing *Landing
}

// slabLegs is for how many legs room is made at once.
const slabLegs = 512

// flightOf makes the flight of a single value.
func flightOf(id ksuid.KSUID, lane string, value []byte) (f Flight, err error) {
	err = new(reading).flight(&f, id, lane, value)
	return f, err
}

// flight makes f the flight of a value: the folded log of its records. It says what
// of it isn't understood; a flight without a heartbeat has no legs.
func (r *reading) flight(f *Flight, id ksuid.KSUID, lane string, value []byte) error {
	*f = Flight{ID: id, Lane: lane, Takeoff: Takeoff{SinceBoot: clock.Unknown}}
	strange, takeoffs, backwards := 0, 0, false
	legs := r.legs[:0]
	var last Beat
	s := &r.scan
	s.rest, s.understood, s.broken = value, false, false
	for s.next() {
		switch b := &s.beat; {
		case !s.understood:
			strange++
		case s.isBeat():
			if len(legs) == 0 || !b.sameLeg(&last) {
				legs = append(legs, Leg{Cause: b.Cause, Source: b.Source, First: b.Fix})
			}
			backwards = backwards || len(legs) > 1 && b.Elapsed < last.Elapsed
			leg := &legs[len(legs)-1]
			leg.Last = b.Fix
			leg.Beats += b.Count
			last = *b
		case s.kind == kindLanding:
			f.Landing, f.Ending = r.landed(&s.landing), Landed
		default:
			f.Takeoff = s.takeoff
			takeoffs++
		}
	}
	r.legs = legs
	switch {
	case s.broken:
		*f = Flight{ID: id, Lane: lane, Takeoff: Takeoff{SinceBoot: clock.Unknown}}
		return fmt.Errorf("flight %v: no heartbeat can be read", id)
	case len(legs) == 0:
		return fmt.Errorf("flight %v: no heartbeat can be read", id)
	case backwards:
		return fmt.Errorf("flight %v: its clocks run backwards", id) // the ends of its legs may be anywhere
	}
	f.Legs = r.keep(legs)
	switch {
	case strange > 0:
		return fmt.Errorf("flight %v: %d records not understood", id, strange)
	case takeoffs != 1:
		return fmt.Errorf("flight %v: %d takeoffs", id, takeoffs)
	}
	return nil
}

// keep returns a copy of legs that stays.
func (r *reading) keep(legs []Leg) []Leg {
	if len(r.slab)+len(legs) > cap(r.slab) {
		r.slab = make([]Leg, 0, max(slabLegs, len(legs)))
	}
	at := len(r.slab)
	r.slab = append(r.slab, legs...)
	return r.slab[at:len(r.slab):len(r.slab)]
}

// landed returns a copy of a landing, which is one for all flights in a row that
// landed alike.
func (r *reading) landed(l *Landing) *Landing {
	if r.landing == nil || *r.landing != *l {
		kept := *l
		r.landing = &kept
	}
	return r.landing
}
