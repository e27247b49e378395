package journal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"iter"
	"slices"
	"time"

	"flightrec/journal/clock"

	"github.com/segmentio/ksuid"
)

// Records splits an operand into its records. It never fails: what it can't
// decode is verbatim, and an operand whose frames don't add up is one opaque
// record. The log that appendLog makes of its result has the same records again.
func Records(operand []byte) []Record {
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

// Beats yields the heartbeats of a log that can be decoded: none if the log isn't a
// sequence of records. Each is good until the next.
func Beats(log []byte) iter.Seq[*Beat] {
	return func(yield func(*Beat) bool) {
		whole := scanner{rest: log}
		for whole.next() {
		}
		if whole.broken {
			return
		}
		s := scanner{rest: log}
		for s.next() {
			if s.understood && s.isBeat() && !yield(&s.beat) {
				return
			}
		}
	}
}

// JournalOf returns the ID of the journal that a flight's log names, or "".
func JournalOf(log []byte) string {
	s := scanner{rest: log}
	for s.next() {
		if s.kind == kindJournal && s.understood {
			return s.journal
		}
	}
	return ""
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
	origin     origin
	journal    string
	beat       Beat
	landing    Landing
	target     string
	evidence   Evidence
	sample     Sample // its values are good until the next one
	extremes   Extremes
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
	case kindOrigin:
		d.origin(&s.origin)
	case kindJournal:
		s.journal = d.text(len(d.rest), s.journal)
	case kindTarget:
		s.target = d.text(len(d.rest), s.target)
	case kindEvidence:
		s.evidence = d.evidence(s.evidence)
	case kindVitals:
		d.sample(&s.sample)
	case kindExtremes:
		s.extremes = d.extremes()
	default: // of a newer version, or kindOpaque
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
	if !s.understood {
		return verbatim{s.kind, bytes.Clone(s.body)}
	}
	switch s.kind {
	case kindTakeoff, kindBoot:
		return s.takeoff
	case kindOrigin:
		return s.origin
	case kindJournal:
		return journalID(s.journal)
	case kindBeat, kindNext:
		return s.beat
	case kindLanding:
		return s.landing
	case kindTarget:
		return target(s.target)
	case kindEvidence:
		return s.evidence
	case kindVitals:
		sample := s.sample
		sample.Values = slices.Clone(sample.Values)
		return sample
	case kindExtremes:
		return s.extremes
	}
	panic("journal: a kind that is understood and not named")
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
	b.Source = clock.Source(d.string(string(b.Source)))
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
		b.Source = clock.Source(d.string(string(b.Source)))
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
	t.AwakeSinceBoot = clock.Unknown
}

// origin decodes what kindOrigin holds into o.
func (d *decoder) origin(o *origin) {
	o.bootOrigin = clock.BootOrigin(d.byte())
	o.container, o.hardware = d.string(o.container), d.string(o.hardware)
	o.awake = time.Duration(d.varint())
	o.built = Instant(d.varint())
	if o.bootOrigin > clock.BootOriginContainer || (o.bootOrigin == clock.BootOriginContainer) != (o.container != "") || *o == (origin{awake: clock.Unknown}) {
		d.err = errStrange
	}
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

// string decodes a str, which nearly always is the one that was read in its place
// before; that one is used again then.
func (d *decoder) string(before string) string {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		n = uint64(len(d.rest)) + 1
	}
	return d.text(int(n), before)
}

// text decodes n bytes of text, as string does.
func (d *decoder) text(n int, before string) string {
	if b := d.bytes(n); string(b) != before {
		return string(b)
	}
	return before
}
