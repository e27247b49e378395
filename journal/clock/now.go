package clock

import "time"

// Each system has one file, which gives what the functions here need:
//
//	absolute                 whether boot counts from the machine's boot
//	freeRunning              whether slewing the wall clock leaves boot as it is
//	boot() time.Duration     the clocks of a Reading; Unknown where there is none
//	awake() time.Duration
//	raw() time.Duration
//	judge(Reading, *steps)   what the system says of its wall clock, a verdict
//	identify() Identity      all but Host and OS

// Clock reads the machine's clocks. It remembers from one reading to the next
// whether the wall clock was stepped, so a program reads by one Clock for as long as
// it runs. The zero Clock is ready, and may be read by several goroutines at once.
type Clock struct{ steps steps }

// began is the origin of Boot where the system has no boot clock. All Clocks of a
// process share it, so that their readings can be compared.
var began = time.Now()

// Now reads all clocks, together. Callers use differences of Awake and Raw
// between readings of one boot, never the values: what those clocks count from
// differs a little from Boot's origin on some systems.
func (c *Clock) Now() Reading {
	r := bracket(boot, glimpse)
	r.Absolute = absolute
	if r.Boot == Unknown {
		r.Boot, r.Absolute = time.Since(began), false
	}
	r.AwakeAbsolute = r.Absolute && r.Awake != Unknown
	if r.Awake == Unknown {
		r.Awake = r.Boot
	}
	v := judge(r, &c.steps)
	r.Sync, r.MaxError, r.Source, r.Reason = v.Sync, v.MaxError, v.Source, v.Reason
	return r
}

// glimpse reads the clocks that must be read at one moment. The wall clock comes from
// time.Now on every system: on 32-bit Linux time.Now is right beyond 2038, unlike
// clock_gettime(2) of package unix. Round strips the monotonic part, so that the
// difference of two walls is what the wall clock did.
func glimpse() Reading {
	return Reading{Awake: awake(), Wall: time.Now().Round(0), Raw: raw()}
}

// A reading is right to within half the time that it took. The scheduler may interrupt
// it, so a reading slower than slow is taken again, up to tries times.
const (
	slow  = 5 * time.Millisecond
	tries = 3
)

// bracket calls read between two readings of the boot clock, and sets Boot to their
// middle. If all tries are slow, it returns the quickest.
func bracket(boot func() time.Duration, read func() Reading) Reading {
	var best Reading
	least := time.Duration(-1)
	for range tries {
		before := boot()
		r := read()
		after := boot()
		if before == Unknown || after == Unknown {
			r.Boot = Unknown
			return r
		}
		if took := after - before; least < 0 || took < least {
			best, least = r, took
			best.Boot = before + took/2
		}
		if least <= slow {
			break
		}
	}
	return best
}
