package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/activation"
	sd "github.com/coreos/go-systemd/v22/daemon"
	"github.com/urfave/cli/v2"
	"golang.org/x/net/netutil"
)

// What one client may take of the server, and all of them together.
const (
	serveHeader  = 5 * time.Second  // to send a request's header
	serveRead    = 10 * time.Second // to send a request
	serveWrite   = 2 * time.Minute  // to take an answer
	serveIdle    = time.Minute      // between two requests
	serveHeaders = 16 << 10         // bytes of a header
	serveClients = 1024             // connections at the same time, of each listener; more wait
	serveEnd     = 10 * time.Second // for open requests, at the end
)

const serveText = `It shows the report of a journal, or of dumps, as a web page that keeps itself up to
date, and for programs as /report.json, /spans.jsonl, /dump.jsonl and /metrics (for
Prometheus). It never writes anything. A folder of dumps is watched.

Nobody is asked who he is: what listens beyond this machine needs a proxy that does.
Requests must name what they reach: an address of this machine that it listens on,
localhost, or a --host. systemd may hand over its sockets.`

// serve is the command of that name.
func serve(c *cli.Context) error {
	return underManager(c.Context, func(ctx context.Context) error { return serveUntil(ctx, c) })
}

// serveUntil serves until ctx ends, or a signal comes; open requests are answered then.
func serveUntil(ctx context.Context, c *cli.Context) error {
	ctx, hangups, stop := landing(ctx)
	defer stop()
	log, err := openLog(c, hangups)
	if err != nil {
		return err
	}
	defer log.flush()
	source, err := newSource(c)
	if err != nil {
		return err
	}
	s := &site{source: source, hosts: map[string]bool{}, log: log.Logger}
	for _, name := range c.StringSlice("host") {
		s.hosts[hostName(name)] = true
	}
	if err := s.start(); err != nil {
		return err
	}
	listeners, err := listen(c)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: serveHeader, ReadTimeout: serveRead, WriteTimeout: serveWrite, IdleTimeout: serveIdle,
		MaxHeaderBytes: serveHeaders, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, len(listeners))
	for _, l := range listeners {
		log.Info("serving", "at", address(l))
		go func() { ended <- server.Serve(netutil.LimitListener(l, serveClients)) }()
	}
	sd.SdNotify(false, sd.SdNotifyReady)
	select {
	case err = <-ended:
		err = fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
		log.Info("ending", "reason", context.Cause(ctx))
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), serveEnd)
	defer cancel()
	server.Shutdown(patience)
	server.Close() // who is still there had his time
	return err
}

// address returns where a listener is reached.
func address(l net.Listener) string {
	if a := l.Addr(); a.Network() != "unix" {
		return "http://" + a.String() + "/"
	}
	return "unix:" + l.Addr().String()
}

// listen returns what systemd handed over (sd_listen_fds(3)); where that is nothing, or
// --listen is given, also what --listen names.
func listen(c *cli.Context) ([]net.Listener, error) {
	all, err := activation.Listeners()
	if err != nil {
		return nil, fmt.Errorf("taking sockets over: %w", err)
	}
	for _, l := range all {
		if l == nil {
			return nil, errors.New("taking sockets over: one of them is no stream that listens")
		}
	}
	if len(all) > 0 && !c.IsSet("listen") {
		return all, nil
	}
	for _, where := range c.StringSlice("listen") {
		l, err := listenAt(where)
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, nil
}

// listenAt listens at ADDRESS:PORT, or at the Unix socket unix:PATH or /PATH. A socket on
// which nobody listens any more is replaced.
func listenAt(where string) (net.Listener, error) {
	path, isUnix := strings.CutPrefix(where, "unix:")
	if !isUnix && !strings.HasPrefix(where, "/") {
		if _, _, err := net.SplitHostPort(where); err != nil {
			return nil, usagef("--listen %q: not ADDRESS:PORT, unix:PATH or /PATH", where)
		}
		l, err := net.Listen("tcp", where)
		return l, listenError(where, err)
	}
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() == fs.ModeSocket {
		if c, err := net.Dial("unix", path); err == nil {
			c.Close()
		} else if isRefused(err) {
			os.Remove(path)
		}
	}
	l, err := net.Listen("unix", path)
	return l, listenError(where, err)
}

// listenError says what could not be listened at.
func listenError(where string, err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("listening at %s: %w", where, err)
}

// serveFlags are the flags of serve alone.
var serveFlags = []cli.Flag{
	&cli.StringSliceFlag{Name: "listen", Value: cli.NewStringSlice("127.0.0.1:9587"), Usage: "listen at `ADDRESS`: host and port, or unix:PATH; repeatable"},
	&cli.StringSliceFlag{Name: "host", Usage: "answer also who asks for `NAME`, as a proxy or a name server has it; repeatable"},
	&cli.BoolFlag{Name: "utc", Usage: "show UTC instead of local time"},
}
