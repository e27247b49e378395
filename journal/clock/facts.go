package clock

import "time"

// Fact is one thing that a system tells about its clocks or itself.
type Fact struct {
	Name string
	// Value is a string, a bool, an int64, a float64, a time.Time or a
	// time.Duration; nil where the system can't tell.
	Value any
	Note  string // what the value means, where Name doesn't say it
}

// Describe reads the clocks, and returns what each source of the system tells,
// whether or not the reading's verdict rests on it.
func Describe() (Reading, []Fact) {
	r, id := new(Clock).Now(), Identify()
	since := "since the machine's boot, suspend included"
	booted := Fact{"boot time", r.Wall.Add(-r.Boot).UTC(), "wall clock less boot clock: right if the wall clock is"}
	if !r.Absolute {
		since = "since this program's start: there is no boot clock"
		booted.Value = nil
	}
	all := []Fact{
		{"boot clock", known(r.Boot), since},
		{"awake clock", known(r.Awake), "the same without suspend"},
		{"raw clock", known(r.Raw), "the same without suspend, and never disciplined"},
		{"wall clock", r.Wall.UTC(), ""},
		booted,
	}
	all = append(all, facts()...)
	return r, append(all,
		Fact{"boot id", text(id.Boot), ""},
		Fact{"machine", text(id.Machine), "a hash of its ID, for flightrec alone"},
		Fact{"host", text(id.Host), ""},
		Fact{"system", text(id.OS), ""},
		Fact{"kernel", text(id.Kernel), ""},
	)
}

// known returns d as a fact's value.
func known(d time.Duration) any {
	if d == Unknown {
		return nil
	}
	return d
}

// text returns s as a fact's value.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}
