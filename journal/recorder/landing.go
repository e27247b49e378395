package recorder

import (
	"context"
	"time"

	"flightrec/journal"
)

// land ends the flight's log with a landing that doesn't say yet whether the machine is
// going down.
func (f *flight) land(reason error) error {
	landing := journal.Landing{Reason: reason.Error()}
	err := f.append(f.beat(f.read()), landing)
	if err != nil { // a store that has failed is opened anew once, but nobody waits for space
		err = f.append(f.beat(f.read()), landing)
	}
	if err != nil {
		return err
	}
	f.log.Info("landed", "reason", reason)
	return nil
}

// patience is how long asking whether the machine is going down may take. Whoever stops
// a service waits for its end; but on a slow board, where all services stop at once and
// systemctl must first be read from the card, an answer takes seconds.
const patience = 10 * time.Second

// noteShutdown asks whether the machine is going down, and if that is known, writes
// the landing again with the answer, which is the one that counts. It is asked
// last because the service manager that knows may be going down itself.
func (f *flight) noteShutdown(ctx context.Context, reason error) error {
	if f.cfg.GoingDown == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	down, known, to := f.cfg.GoingDown(ctx)
	if !known {
		return nil
	}
	l := journal.Landing{Reason: reason.Error(), Shutdown: journal.ShutdownNo}
	if down {
		l.Shutdown, l.To = journal.ShutdownYes, to
	}
	f.log.Info("asked whether the machine is going down", "down", down, "to", to)
	return f.store.Append(f.id, l)
}
