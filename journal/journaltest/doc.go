// Package journaltest makes flights for tests: from the notation that stories are told
// in ([Flights]), in a few words of Go ([Flight], [Leg]), and by a recorder that flies
// through a simulated life ([Life]) into a journal in memory ([Memory]).
//
// The one fact that a caller must know: nothing here uses the store, or the code that
// folds and reads heartbeats; vitals alone are folded by the product. What a test makes of flights is held against the truth
// of a Life, never against the product's own idea of it.
package journaltest
