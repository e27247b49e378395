package fleet

import (
	"cmp"
	"slices"
	"sync"

	"flightrec/journal"
)

// Fleet holds flights. All are added first, one after the other; then they are grouped, and
// after that several may read at the same time.
type Fleet struct {
	kin     *kin
	packed  spill // by unit
	groups  [][]int
	packing []byte // room for one flight

	mu       sync.Mutex
	err      error   // the first one of reading
	warnings []error // what was found of flights that were read
}

// New returns an empty fleet that holds so many bytes of flights in memory.
func New(memory int) *Fleet { return &Fleet{kin: newKin(), packed: spill{limit: memory}} }

// Add adds a flight. Its error is that of the temporary file.
func (f *Fleet) Add(flight *journal.Flight) error {
	n, err := f.kin.add(flight)
	if err != nil {
		return err
	}
	f.packing = flight.AppendPacked(f.packing[:0])
	return f.packed.add(n, f.packing)
}

// Group puts together what may be one machine's, and leaves out the flights of each host
// and machine ID that keep doesn't want.
func (f *Fleet) Group(keep func(host, machine string) bool) (err error) {
	if f.groups, err = f.kin.groups(); err != nil {
		return err
	}
	for i, units := range f.groups {
		f.groups[i] = slices.DeleteFunc(units, func(n int) bool { return !keep(f.kin.units[n].host, f.kin.units[n].machine) })
	}
	f.groups = slices.DeleteFunc(f.groups, func(units []int) bool { return len(units) == 0 })
	return nil
}

// Names yields the host and the machine ID of each unit, some more than once.
func (f *Fleet) Names(yield func(host, machine string) bool) {
	for _, u := range f.kin.units {
		if !yield(u.host, u.machine) {
			return
		}
	}
}

// Len returns how many groups there are.
func (f *Fleet) Len() int { return len(f.groups) }

// Flights returns the flights of a group, in order of takeoff, each once, and what is wrong
// with them. After an error there are none, and [Fleet.Close] returns it.
func (f *Fleet) Flights(group int) (flights []journal.Flight, warnings []string) {
	var all journal.List
	for _, n := range f.groups[group] {
		if err := f.unpack(n, &all); err != nil {
			f.mu.Lock()
			f.err = cmp.Or(f.err, err)
			f.mu.Unlock()
			return nil, nil
		}
	}
	return all.Flights(func(err error) {
		f.mu.Lock()
		f.warnings = append(f.warnings, err)
		f.mu.Unlock()
		warnings = append(warnings, err.Error())
	}), warnings
}

// unpack adds the flights of a unit to a list.
func (f *Fleet) unpack(n int, to *journal.List) error {
	packed, err := f.packed.read(n)
	var a journal.Assembler
	for err == nil && len(packed) > 0 {
		var flight journal.Flight
		if flight, packed, err = a.Unpack(packed); err == nil {
			to.Add(flight)
		}
	}
	return err
}

// Machine returns the host and the ID of the machine that a group is, and false where only
// its flights tell whether it is one, and which: where names differ in it.
func (f *Fleet) Machine(group int) (host, id string, ok bool) {
	first := f.kin.units[f.groups[group][0]]
	known := first.identity
	for _, n := range f.groups[group] {
		u := f.kin.units[n]
		if u.machine != first.machine || u.host != first.host || u.machine == "" && len(f.groups[group]) > 1 {
			return "", "", false
		}
		if differ(&known.hardware, u.hardware) || differ(&known.journal, u.journal) {
			return "", "", false
		}
	}
	return first.host, first.machine, true
}

// differ reports whether two names are known and differ. It keeps the one that is known.
func differ(known *string, name string) bool {
	if *known == "" {
		*known = name
	}
	return name != "" && name != *known
}

// Warnings returns what [Fleet.Flights] found wrong, each once.
func (f *Fleet) Warnings() []error {
	slices.SortFunc(f.warnings, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	return slices.CompactFunc(f.warnings, func(a, b error) bool { return a.Error() == b.Error() })
}

// Close gives the temporary files back, and returns the first error of reading them.
func (f *Fleet) Close() error {
	f.packed.close()
	f.kin.boots.close()
	return f.err
}
