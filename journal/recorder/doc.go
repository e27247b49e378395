// Package recorder writes down, every few seconds, that the machine is alive.
//
// A flight is one call's work: its takeoff is written at once, heartbeats follow
// 1, 2, 4 and 8 seconds after it and then each interval, and the landing when the
// context ends. A heartbeat is written before the next one is waited for, so what
// is lost when the power goes is one interval at most.
//
// The recorder also notices when wall clock and boot clock change their relation,
// and begins a new leg then: legs are all that the journal's fold keeps.
//
// # Who is believed about the time
//
// The system, if it says that its wall clock is synchronised. Only while it
// doesn't, the heartbeats carry what an NTP server told, if one was asked: their
// wall clock is then the server's time, carried on by the boot clock, and their
// source is "sntp". The system's own clock is never touched.
//
// A server that contradicts the synchronised system isn't believed until it has
// agreed with it again, even if the system loses its synchronisation meanwhile. So a
// lie can get into the journal only on a machine that has no better word, and
// there by a majority of the servers that answered.
//
// An answer is forgotten when the machine was suspended, as Linux forgets its
// own synchronisation then.
package recorder
