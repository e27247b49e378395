// Package recorder writes down, every few seconds, that the machine is alive.
//
// A flight is one call's work: its takeoff is written at once, heartbeats follow
// 1, 2, 4 and 8 seconds after it and then each interval, and the landing when the
// context ends. A heartbeat is written before the next one is waited for, so what
// is lost when the power goes is one interval at most.
//
// The recorder also notices when wall clock and boot clock change their relation,
// and begins a new leg then: legs are all that the journal's fold keeps.
package recorder
