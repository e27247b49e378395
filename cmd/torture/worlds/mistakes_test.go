package worlds

import (
	"slices"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"

	"github.com/segmentio/ksuid"
)

// hidden returns the flights of a world after something is done to those of its odd
// life, or of all.
func hidden(w *world, flights []journal.Flight, odd bool, change func(*journal.Flight, *record) bool) (all []journal.Flight) {
	for _, f := range flights {
		f.Legs = slices.Clone(f.Legs)
		if r := w.records[f.ID]; odd && r.life.boot != w.odd.boot || change(&f, r) {
			all = append(all, f)
		}
	}
	return all
}

// forgetRest drops what came after the odd boot's first synchronised leg.
func forgetRest(w *world, flights []journal.Flight) []journal.Flight {
	first := ksuid.Nil
	return hidden(w, flights, true, func(f *journal.Flight, _ *record) bool {
		if first == ksuid.Nil {
			first = f.ID
		}
		for i, leg := range f.Legs {
			if leg.Last.Sync == clock.SyncSynced {
				f.Legs = f.Legs[:i+1]
				break
			}
		}
		return f.ID == first
	})
}

// joinBoots makes the odd boot one with the boot before it.
func joinBoots(w *world, flights []journal.Flight) []journal.Flight {
	i := slices.Index(w.lives, w.odd)
	before := w.lives[i-1]
	return hidden(w, flights, true, func(f *journal.Flight, r *record) bool {
		f.Takeoff.Boot = before.as.Boot
		f.Takeoff.SinceBoot += before.Now.Sub(before.Start()) + time.Second
		return true
	})
}

// goOn lets the boot clock of the odd boot go on where that of the one before stood.
func goOn(w *world, flights []journal.Flight) []journal.Flight {
	return hidden(w, flights, true, func(f *journal.Flight, r *record) bool {
		f.Takeoff.SinceBoot += 10 * day
		return true
	})
}

// trustWeak calls a weak clock synchronised.
func trustWeak(w *world, flights []journal.Flight) []journal.Flight {
	return hidden(w, flights, true, func(f *journal.Flight, _ *record) bool {
		for i := range f.Legs {
			for _, fix := range []*journal.Fix{&f.Legs[i].First, &f.Legs[i].Last} {
				if fix.Sync == clock.SyncWeak {
					fix.Sync, fix.MaxError = clock.SyncSynced, time.Millisecond
				}
			}
		}
		return true
	})
}

// alone leaves nothing but the first flight of the odd boot, up to its first
// synchronised leg.
func alone(w *world, flights []journal.Flight) []journal.Flight {
	return slices.DeleteFunc(forgetRest(w, flights), func(f journal.Flight) bool { return w.records[f.ID].life.boot != w.odd.boot })
}

// sleepless makes all clocks of the odd boot the boot clock.
func sleepless(w *world, flights []journal.Flight) []journal.Flight {
	return hidden(w, flights, true, func(f *journal.Flight, _ *record) bool {
		for i := range f.Legs {
			leg := &f.Legs[i]
			if leg.Cause == journal.CauseWake {
				leg.Cause = journal.CauseStep
			}
			for _, fix := range []*journal.Fix{&leg.First, &leg.Last} {
				fix.Awake, fix.Raw = fix.Elapsed, fix.Elapsed
			}
		}
		return true
	})
}

// leapless tells all of the odd boot as if it had been after the leap second.
func leapless(w *world, flights []journal.Flight) []journal.Flight {
	return hidden(w, flights, true, func(f *journal.Flight, _ *record) bool {
		last := f.Legs[len(f.Legs)-1].Last
		for i := range f.Legs {
			for _, fix := range []*journal.Fix{&f.Legs[i].First, &f.Legs[i].Last} {
				fix.Wall = last.Wall.Add(fix.Elapsed - last.Elapsed)
			}
		}
		return true
	})
}

// renameHosts gives each flight a host of its own.
func renameHosts(w *world, flights []journal.Flight) []journal.Flight {
	return hidden(w, flights, false, func(f *journal.Flight, _ *record) bool {
		f.Takeoff.Host = f.ID.String()
		return true
	})
}

// renameBoots gives each flight a boot of its own.
func renameBoots(w *world, flights []journal.Flight) []journal.Flight {
	return hidden(w, flights, false, func(f *journal.Flight, _ *record) bool {
		f.Takeoff.Boot = f.ID.String()
		return true
	})
}

// sameHosts gives all flights one host.
func sameHosts(w *world, flights []journal.Flight) []journal.Flight {
	return hidden(w, flights, false, func(f *journal.Flight, _ *record) bool {
		f.Takeoff.Host = "pi"
		return true
	})
}

// bold is a grounding that knows of no errors.
func bold(_ *world, all []grounded) {
	for _, b := range bootsOf(all) {
		for _, f := range b.Flights {
			f.Error = min(f.Error, time.Millisecond)
		}
	}
}

// eternal is a grounding that takes the host's boot for the container's.
func eternal(_ *world, all []grounded) {
	for _, m := range all {
		for i := range m.boots {
			b := &m.boots[i]
			b.Start = b.Flights[0].Start.Add(-b.Flights[0].Takeoff.SinceBoot)
		}
	}
}

// noHardware takes the boards' serial numbers away.
func noHardware(w *world, flights []journal.Flight) []journal.Flight {
	return hidden(w, flights, false, func(f *journal.Flight, _ *record) bool {
		f.Takeoff.Hardware = ""
		return true
	})
}
