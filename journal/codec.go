package journal

import (
	"bytes"
	"encoding/binary"

	"flightrec/journal/clock"
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
		dst = appendString(dst, string(b.Source))
		return kindBeat, b.appendClocks(dst, &Fix{Wall: -Instant(b.Elapsed)})
	}
	if b.sameLeg(before) {
		dst = append(dst, flags)
	} else {
		dst = append(dst, flags|flagLeg)
		dst = binary.AppendUvarint(dst, b.Leg)
		dst = append(dst, byte(b.Cause), byte(b.Sync))
		dst = appendString(dst, string(b.Source))
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

// appendLog appends records that stand one behind the other.
func AppendLog(dst []byte, log []Record) []byte {
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
