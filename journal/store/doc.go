// Package store keeps the flights of a journal in a folder, for good.
//
// The one fact that a caller must know: when Append returns, the heartbeat
// survives a power cut; and reading needs neither a lock nor write permission, so
// anybody who may read the files can ask for a report while others record.
//
// A journal is a folder of lanes, each a store of its own (Pebble), since a store
// can be open in one process only. A recorder takes the first lane whose lock is
// free, and makes a new one if none is:
//
//	journal/
//	    lane-0/               held by a recorder, or free for the next one
//	    lane-1/               there since two recorders ran at once
//	    lane-0.damaged-1/     could not be opened once, and was set aside
//
// A lane's keys are the IDs of its flights, its values their logs as package journal
// spells and folds them.
package store
