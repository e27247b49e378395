package reports

import (
	"fmt"
	"time"

	"flightrec/ground"
	"flightrec/journal"
)

// Costs is what a flight costs the card, and what alarms it had, as its vitals tell.
type Costs struct {
	Day           int64 // KiB a day that the recorder writes; 0 where not known
	Append, Worst int64 // how long an append took to become durable, the last one and the longest, ms
	Alarms        int64 // heartbeats written for alarms in the last day
	Names         []string
}

// costTime is for how long a flight must have lasted to tell what it writes in a day.
const costTime = time.Hour

// CostsOf returns what a flight costs.
func CostsOf(f *ground.Flight) (c Costs) {
	older, latest := f.Vitals.Parts()
	at, last := journal.Known(older, latest)
	if written := last[journal.VitalWritten]; at >= costTime {
		c.Day = int64(float64(written) / at.Hours() * 24)
	}
	c.Append, c.Worst, c.Alarms = last[journal.VitalAppend], last[journal.VitalAppend], last[journal.VitalAlarms]
	for _, e := range older.Vitals {
		if e.Vital == journal.VitalAppend {
			c.Worst = max(c.Worst, e.Max)
		}
	}
	counts := map[journal.Alarms]uint64{}
	for _, a := range older.Alarms {
		counts[a.Alarm] += a.Count
	}
	for _, s := range latest {
		for rest := s.Alarms; rest != 0; rest &= rest - 1 {
			counts[rest&-rest]++
		}
		for _, v := range s.Values {
			if v.Vital == journal.VitalAppend {
				c.Worst = max(c.Worst, v.N)
			}
		}
	}
	for _, a := range []struct {
		alarm journal.Alarms
		name  string
	}{{journal.AlarmUndervoltage, "under-voltage"}, {journal.AlarmOOM, "kill for lack of memory"}, {journal.AlarmHeat, "heat"}} {
		if n := counts[a.alarm]; n > 0 {
			c.Names = append(c.Names, fmt.Sprintf("%d %s", n, a.name))
		}
	}
	return c
}

// DeviceWritten returns how much was written to the journal's device in all listed boots
// that tell, in MiB; false if none does. A boot's own count begins at its kernel's start.
func (m *Machine) DeviceWritten() (mib int64, ok bool) {
	for i := range m.Periods {
		if !m.Periods[i].Up() {
			continue
		}
		boots := make(map[string]int64, 1)
		for _, f := range m.Periods[i].flights {
			if f.Vitals.IsZero() {
				continue
			}
			_, last := journal.Known(f.Vitals.Parts())
			if n, told := last[journal.VitalDeviceWritten]; told {
				ok = true
				boots[f.Takeoff.Boot] = max(boots[f.Takeoff.Boot], n)
			}
		}
		for _, n := range boots {
			mib += n
		}
	}
	return mib, ok
}
