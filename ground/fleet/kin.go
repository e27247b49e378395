package fleet

import (
	"encoding/binary"
	"hash/maphash"
	"slices"

	"flightrec/journal"
)

// identity is what all flights of a unit have in common.
type identity struct{ hardware, journal, machine, host string }

// kin decides which units may be of one machine: whatever [ground.Machines] joins is in one
// group. It joins by the same identities, but asks for no proof. Units whose hardware
// differs are joined only through one whose hardware isn't known.
type kin struct {
	number map[identity]int
	units  []*unit
	boots  spill // by hash, records of hash and unit
	seed   maphash.Seed
}

// unit is what is known of a unit's flights.
type unit struct {
	identity
	parent  int    // the forest of groups
	boot    string // of the latest flight
	oneBoot bool   // all have it, and none is empty
}

// bootShelves is among how many shelves the boots are spread: one at a time is in memory.
const bootShelves = 64

// bootMemory is how much of the boots is held before it is written.
const bootMemory = 4 << 20

func newKin() *kin {
	return &kin{number: make(map[identity]int), boots: spill{limit: bootMemory}, seed: maphash.MakeSeed()}
}

// add returns the unit of a flight.
func (k *kin) add(f *journal.Flight) (int, error) {
	t := &f.Takeoff
	id := identity{t.Hardware, t.Journal, t.Machine, t.Host}
	n, ok := k.number[id]
	if !ok {
		n = len(k.units)
		k.number[id] = n
		k.units = append(k.units, &unit{identity: id, parent: n, oneBoot: true})
	}
	u := k.units[n]
	if ok && u.boot == t.Boot {
		return n, nil
	}
	u.oneBoot = u.oneBoot && !ok && t.Boot != ""
	u.boot = t.Boot
	if t.Boot == "" {
		return n, nil
	}
	hash := maphash.String(k.seed, t.Boot)
	var record [12]byte
	binary.LittleEndian.PutUint64(record[:], hash)
	binary.LittleEndian.PutUint32(record[8:], uint32(n))
	return n, k.boots.add(int(hash%bootShelves), record[:])
}

// root returns the unit that stands for n's group.
func (k *kin) root(n int) int {
	for k.units[n].parent != n {
		k.units[n].parent = k.units[k.units[n].parent].parent
		n = k.units[n].parent
	}
	return n
}

// join puts units into one group.
func (k *kin) join(units []int) {
	for _, n := range units[1:] {
		k.units[k.root(n)].parent = k.root(units[0])
	}
}

// joinUnknown joins units that share another identity than hardware, unless the hardware of
// each is known.
func (k *kin) joinUnknown(units []int) {
	if slices.ContainsFunc(units, func(n int) bool { return k.units[n].hardware == "" }) {
		k.join(units)
	}
}

// groups returns the units of each group.
func (k *kin) groups() ([][]int, error) {
	shared := make(map[[2]string][]int)
	for n, u := range k.units {
		share := func(kind, name string) {
			if name != "" {
				shared[[2]string{kind, name}] = append(shared[[2]string{kind, name}], n)
			}
		}
		share("journal", u.journal)
		share("machine", u.machine)
		switch {
		case u.hardware != "":
			share("hardware", u.hardware)
		case u.machine == "":
			shared[[2]string{"host", u.host}] = append(shared[[2]string{"host", u.host}], n)
		case u.journal == "" && u.oneBoot:
			share("boot of host", u.host)
		}
	}
	for key, units := range shared {
		if key[0] == "hardware" {
			k.join(units)
		} else {
			k.joinUnknown(units)
		}
	}
	if err := k.joinBoots(); err != nil {
		return nil, err
	}
	members := make(map[int][]int)
	var roots []int
	for n := range k.units {
		r := k.root(n)
		if members[r] == nil {
			roots = append(roots, r)
		}
		members[r] = append(members[r], n)
	}
	groups := make([][]int, len(roots))
	for i, r := range roots {
		groups[i] = members[r]
	}
	return groups, nil
}

// joinBoots joins units that have flights of one boot ID.
func (k *kin) joinBoots() error {
	for n := range bootShelves {
		records, err := k.boots.read(n)
		if err != nil {
			return err
		}
		first := make(map[uint64]int, len(records)/12)
		shared := make(map[uint64][]int)
		for ; len(records) > 0; records = records[12:] {
			boot, n := binary.LittleEndian.Uint64(records), int(binary.LittleEndian.Uint32(records[8:]))
			switch i, ok := first[boot]; {
			case !ok:
				first[boot] = n
			case i != n:
				if shared[boot] == nil {
					shared[boot] = []int{i}
				}
				shared[boot] = append(shared[boot], n)
			}
		}
		for _, units := range shared {
			k.joinUnknown(units)
		}
	}
	return nil
}
