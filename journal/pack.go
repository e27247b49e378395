package journal

import (
	"encoding/binary"
	"errors"

	"github.com/segmentio/ksuid"
)

// A packed flight takes about a sixth of its line in a dump. Nothing that is packed
// outlives the process, so that its form may change:
//
//	size | ID | ending | lane | dumped | log
//
// size (a uvarint) counts what follows it. lane and dumped have their lengths before them;
// dumped is a log of one heartbeat, or empty. log has the records that a journal has of it.

// AppendPacked appends f in a form that [Assembler.Unpack] reads faster than a dump.
func (f *Flight) AppendPacked(dst []byte) []byte {
	log := []Record{f.Takeoff}
	if f.Evidence != nil {
		log = append(log, f.Evidence)
	}
	for i := range f.Legs {
		leg := &f.Legs[i]
		b := Beat{Leg: uint64(i), Cause: leg.Cause, Source: leg.Source, Count: 1, Fix: leg.First}
		log = append(log, b)
		if leg.Beats > 1 || leg.Last != leg.First {
			b.Count, b.Fix = leg.Beats-1, leg.Last
			log = append(log, b)
		}
	}
	if f.Landing != nil {
		log = append(log, *f.Landing)
	}
	var room [512]byte
	body := append(room[:0], f.ID.Bytes()...)
	body = appendString(append(body, byte(f.Ending)), f.Lane)
	var dumped []byte
	if f.Dumped != nil {
		dumped = AppendLog(nil, []Record{Beat{Count: 1, Fix: *f.Dumped}})
	}
	body = appendString(body, string(dumped))
	body = append(AppendLog(body, log), f.Vitals.log...)
	return append(binary.AppendUvarint(dst, uint64(len(body))), body...)
}

var errPacked = errors.New("unpacking a flight: not as it was packed")

// Unpack returns the first of some packed flights, and the others. Its error says that they
// are damaged.
func (a *Assembler) Unpack(packed []byte) (f Flight, rest []byte, err error) {
	body, rest, ok := cutPacked(packed)
	if !ok || len(body) <= len(ksuid.KSUID{}) {
		return f, nil, errPacked
	}
	id, body := ksuid.KSUID(body[:len(ksuid.KSUID{})]), body[len(ksuid.KSUID{}):]
	ending := Ending(body[0])
	lane, body, ok := cutPacked(body[1:])
	if !ok || int(ending) >= len(endingNames) {
		return f, nil, errPacked
	}
	dumped, log, ok := cutPacked(body)
	if !ok {
		return f, nil, errPacked
	}
	if string(lane) != a.lane {
		a.lane = string(lane)
	}
	if err := a.flight(&f, id, a.lane, log); err != nil {
		return f, nil, err
	}
	f.Ending = ending
	for b := range Beats(dumped) {
		fix := b.Fix
		f.Dumped = &fix
	}
	return f, rest, nil
}

// cutPacked returns what has its length before it, and what is behind it.
func cutPacked(text []byte) (part, rest []byte, ok bool) {
	size, n := binary.Uvarint(text)
	if n <= 0 || size > uint64(len(text)-n) {
		return nil, nil, false
	}
	return text[n : n+int(size)], text[n+int(size):], true
}
