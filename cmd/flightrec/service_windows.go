package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/eventlog"
)

// underManager calls serve, which goes on until its context ends; as a service, if
// Windows' service manager started this program, which then ends the context by an
// order. It is the manager that is asked, by connecting to it: what
// svc.IsWindowsService makes of the parent process is a guess.
func underManager(ctx context.Context, serve func(context.Context) error) error {
	s := service{ctx: ctx, serve: serve}
	err := svc.Run("flightrec", &s)
	if errors.Is(err, windows.ERROR_FAILED_SERVICE_CONTROLLER_CONNECT) {
		return serve(ctx)
	}
	if err != nil {
		return fmt.Errorf("running as a service: %w", err)
	}
	return s.err
}

// service is what the service manager runs.
type service struct {
	ctx   context.Context
	serve func(context.Context) error
	err   error // how it ended
}

// patience is how long the service manager is told that an end may take.
const patience = 30 * time.Second

// Execute is called by the service manager, by way of package svc.
func (s *service) Execute(_ []string, requests <-chan svc.ChangeRequest, status chan<- svc.Status) (specific bool, code uint32) {
	ctx, cancel := context.WithCancelCause(s.ctx)
	defer cancel(nil)
	ended := make(chan error, 1)
	go func() { ended <- s.serve(ctx) }()
	state := svc.Status{State: svc.Running, Accepts: svc.AcceptStop | svc.AcceptShutdown | svc.AcceptPreShutdown}
	status <- state
	for {
		select {
		case r := <-requests:
			if o, ends := orderOf(uint32(r.Cmd)); ends {
				state = svc.Status{State: svc.StopPending, WaitHint: uint32(patience.Milliseconds())}
				cancel(o)
			}
			status <- state
		case s.err = <-ended:
			if s.err != nil {
				tellEventLog(s.err)
			}
			return true, uint32(exitCode(s.err))
		}
	}
}

// tellEventLog writes an error to Windows' event log: a service has no stderr.
func tellEventLog(err error) {
	l, openErr := eventlog.Open("flightrec")
	if openErr != nil {
		return
	}
	defer l.Close()
	_ = l.Error(1, complaint(err))
}
