package clock

import "time"

// The physics of clocks. Whoever reasons about clocks uses these constants, so that
// what the recorder splits is what a report joins again. They decide what legs a
// recorder begins and what a report believes; older journals were recorded with the
// same values.
const (
	// LineLimit is how far wall clock and boot clock may move against each other
	// without the wall clock having been stepped. Linux slews both together, so their
	// difference is constant: 3 µs were measured on a quiet machine, 11 ms at worst.
	LineLimit = 100 * time.Millisecond
	// SleepLimit is how far the boot clock must get ahead of the awake clock to be
	// called a sleep. Smaller differences are measurement noise.
	SleepLimit = 50 * time.Millisecond
	// SleepError is how far the length of a sleep may be wrong: the kernel takes it
	// from a real-time clock, which ticks in seconds.
	SleepError = time.Second
	// SyncLimit is the maximum error from which on a clock counts as unsynchronised:
	// NTP_PHASE_LIMIT of the Linux kernel, which clamps the error there and raises
	// STA_UNSYNC. A synchronised clock that doesn't tell its error is off by less.
	SyncLimit = 16 * time.Second
	// DriftPPM is how far a clock that nobody disciplines strays, in parts per million,
	// while nothing tells its rate: MAXFREQ of the Linux kernel, which corrects no clock
	// by more, and lets the maximum error of a synchronised one grow as fast.
	DriftPPM = 500
	// SlewPPM is how fast a wall clock may be slewed against a boot clock that runs
	// free of it, in parts per million: 5,000 by adjtime(2), and the crystal's part.
	SlewPPM = 6000
	// DriftFilePPM is the part of a difference between boot clock and raw clock, in
	// parts per million, that a time daemon's drift file explains.
	DriftFilePPM = 200
	// SlewLimit is what a difference between boot clock and raw clock must exceed,
	// beyond DriftFilePPM, to be a slew for certain.
	SlewLimit = 500 * time.Millisecond
	// OriginError is how far the boot clocks of two flights of one boot may disagree
	// on when that boot began.
	OriginError = time.Second
	// StallGaps is how many gaps a heartbeat must come late to tell that the recorder
	// stood still; StallLimit is the least delay that tells it, since one write to a
	// slow card may take nearly as long.
	StallGaps  = 3
	StallLimit = time.Second
)

// Drift returns how far a clock that nobody disciplines may stray in passed.
func Drift(passed time.Duration) time.Duration { return passed / (1e6 / DriftPPM) }

// StepLimit returns how far the wall clock can move against this system's boot clock
// in passed without having been stepped.
func StepLimit(passed time.Duration) time.Duration { return stepLimit(passed, freeRunning) }

// stepLimit is StepLimit for a boot clock that is slewed with the wall clock, or
// that runs free of it.
func stepLimit(passed time.Duration, free bool) time.Duration {
	if !free {
		return LineLimit
	}
	return LooseStepLimit(passed)
}

// LooseStepLimit is StepLimit where it isn't known whether the boot clock runs free
// of the wall clock, as with a flight that another system recorded.
func LooseStepLimit(passed time.Duration) time.Duration {
	return max(LineLimit, passed/1000*(SlewPPM/1000))
}
