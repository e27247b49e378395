package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"flightrec/reports"
	"flightrec/reports/render"

	"github.com/prometheus/common/expfmt"
)

const (
	// freshFor is for how long nobody looks whether the source has changed: so many
	// requests cost one look.
	freshFor = time.Second
	// nowFor is for how long a report stays as of its moment while nothing changes.
	nowFor = time.Minute
	// restFactor is how many times as long as a reading took nothing is read after it:
	// a slow board spends a tenth of its time at most.
	restFactor = 9
)

// The content types of metrics.
const (
	metricsText = "text/plain; version=0.0.4; charset=utf-8"
	metricsOpen = "application/openmetrics-text; version=1.0.0; charset=utf-8"
)

// site answers requests with the reports of a source.
type site struct {
	source *source
	hosts  map[string]bool // names that it may be asked by
	log    *slog.Logger

	// mu is held while anything is read or written into memory: however many ask, one
	// report is made at a time.
	mu      sync.Mutex
	reading *reading
	tag     string            // of reading, new with each
	begun   int64             // what distinguishes tags of one process from those of another
	count   int               // of readings
	next    time.Time         // when to look again
	bodies  map[string][]byte // of reading, packed by gzip
	metrics *render.Metrics   // the latest: its counters never fall
}

// resource is something that can be asked for.
type resource struct {
	contentType string
	write       func(*site, io.Writer) error
}

// resources are all of them. What stands behind a blank isn't part of the path.
var resources = map[string]resource{
	"/":       {"text/html; charset=utf-8", page(render.Page{Live: true})},
	"/ still": {"text/html; charset=utf-8", page(render.Page{Live: true, Still: true})},
	"/report.json": {"application/json", func(s *site, w io.Writer) error {
		return render.JSON(w, s.report(), render.Look{})
	}},
	"/spans.jsonl": {"application/jsonl; charset=utf-8", func(s *site, w io.Writer) error {
		return render.Spans(w, s.report(), render.Look{})
	}},
	"/dump.jsonl": {"application/jsonl; charset=utf-8", func(s *site, w io.Writer) error {
		return render.Dump(w, reports.Flights(s.reading.flights, reports.Selection{}))
	}},
	"/metrics":             {metricsText, metrics(false)},
	"/metrics openmetrics": {metricsOpen, metrics(true)},
}

func page(p render.Page) func(*site, io.Writer) error {
	return func(s *site, w io.Writer) error { return p.Write(w, s.report(), render.Look{}) }
}

func metrics(openMetrics bool) func(*site, io.Writer) error {
	return func(s *site, w io.Writer) error { return s.metrics.Write(w, openMetrics) }
}

// report returns the report of the reading at hand.
func (s *site) report() *reports.Report { return reports.New(s.reading.flights, s.reading.opts) }

// start reads for the first time.
func (s *site) start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun = time.Now().UnixNano()
	return s.refresh()
}

// refresh reads anew where that is due and anything has changed; s.mu is held.
func (s *site) refresh() error {
	began := time.Now()
	if began.Before(s.next) && s.reading != nil {
		return nil
	}
	stamp, err := s.source.stamp()
	if err != nil {
		s.reading = nil
		return err
	}
	if s.reading != nil && s.reading.stamp == stamp && began.Sub(s.reading.at) < nowFor {
		s.next = began.Add(freshFor)
		return nil
	}
	r, err := s.source.newReading(stamp, s.reading)
	if err != nil {
		s.reading = nil
		return err
	}
	s.reading, s.bodies = r, make(map[string][]byte)
	s.count++
	s.tag = fmt.Sprintf(`W/"%x-%x"`, s.begun, s.count)
	metrics := render.NewMetrics(s.report())
	metrics.NotBelow(s.metrics)
	s.metrics = metrics
	s.spend(time.Since(began))
	return nil
}

// spend puts the next look off by what was spent on the present reading.
func (s *site) spend(d time.Duration) {
	if now := time.Now(); s.next.Before(now) {
		s.next = now
	}
	s.next = s.next.Add(max(freshFor, restFactor*d))
}

// body returns a resource as it is now, packed, and its tag. Where that is known already
// it returns no body.
func (s *site) body(key string, isKnown func(tag string) bool) (body []byte, tag string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refresh(); err != nil {
		return nil, "", err
	}
	body, ok := s.bodies[key]
	if ok || isKnown(s.tag) {
		return body, s.tag, nil
	}
	began := time.Now()
	var b bytes.Buffer
	packed, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err := resources[key].write(s, packed); err != nil {
		return nil, "", fmt.Errorf("writing %s: %w", key, err)
	}
	if err := packed.Close(); err != nil {
		return nil, "", fmt.Errorf("packing %s: %w", key, err)
	}
	s.bodies[key] = b.Bytes()
	if d := time.Since(began); d > freshFor {
		s.spend(d)
	}
	return b.Bytes(), s.tag, nil
}

// ServeHTTP answers a request.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", render.PagePolicy()+"; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache") // may be kept, and is asked for again
	key := r.URL.Path
	switch {
	case !s.mayAsk(r):
		http.Error(w, fmt.Sprintf("Nothing of the name %s here: start flightrec serve with --host.", printable(r.Host)), http.StatusMisdirectedRequest)
		return
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "Only GET and HEAD.", http.StatusMethodNotAllowed)
		return
	case key == "/" && r.URL.Query().Has("still"):
		key += " still"
	case key == "/metrics" && expfmt.NegotiateAccept(r.Header, metricsText, metricsOpen).FormatType() == expfmt.TypeOpenMetrics:
		key += " openmetrics"
	case strings.Contains(key, " "):
		key = ""
	}
	what, ok := resources[key]
	if !ok {
		http.Error(w, "There is no such thing here.", http.StatusNotFound)
		return
	}
	body, tag, err := s.body(key, func(tag string) bool { return hasTag(r, tag) })
	if err != nil {
		s.log.Warn("nothing to serve", "err", err)
		http.Error(w, printable(err.Error()), http.StatusServiceUnavailable)
		return
	}
	h.Set("ETag", tag)
	h.Set("Vary", "Accept, Accept-Encoding")
	if hasTag(r, tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", what.contentType)
	if key == "/" {
		h.Set("Refresh", fmt.Sprint(int(nowFor.Seconds())))
	}
	s.send(w, r, body)
}

// send sends a packed body, unpacked to who doesn't take it so.
func (s *site) send(w http.ResponseWriter, r *http.Request, body []byte) {
	if takesGzip(r) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	}
	if r.Method == http.MethodHead {
		return
	}
	if takesGzip(r) {
		w.Write(body) // who doesn't listen any more has ended the connection
		return
	}
	if plain, err := gzip.NewReader(bytes.NewReader(body)); err == nil {
		io.Copy(w, plain)
	}
}

// takesGzip reports whether a client takes gzip (RFC 9110, 12.5.3).
func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.ReplaceAll(part, " ", ""), ";")
		if name == "gzip" || name == "*" {
			return strings.Trim(strings.TrimPrefix(q, "q="), "0.") != "" || q == ""
		}
	}
	return false
}

// hasTag reports whether a client holds what has this tag (RFC 9110, 13.1.2).
func hasTag(r *http.Request, tag string) bool {
	for part := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if part = strings.TrimSpace(part); part == tag || part == strings.TrimPrefix(tag, "W/") || part == "*" {
			return true
		}
	}
	return false
}

// mayAsk reports whether a request names what it reached: a page of somebody else's, whose
// name was made to lead here, can't read the report then (DNS rebinding). An address can't
// be made to lead elsewhere, and what comes through a Unix socket comes from a proxy.
func (s *site) mayAsk(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if ok && local.Network() == "unix" {
		return true
	}
	name := hostName(r.Host)
	if s.hosts[name] {
		return true
	}
	tcp, ok := local.(*net.TCPAddr)
	if !ok {
		return false
	}
	return name == "localhost" && tcp.IP.IsLoopback() || tcp.IP.Equal(net.ParseIP(name))
}

// hostName returns the host of a Host header, without its port.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
