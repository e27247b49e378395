//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"flightrec/journal/store"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// server is a flightrec serve that a test has started.
type server struct {
	*exec.Cmd
	url    string
	stderr *bytes.Buffer
}

// serving starts flightrec serve at a free port of loopback.
func serving(t *testing.T, args ...string) *server {
	t.Helper()
	return started(t, exec.Command(program, append([]string{"serve", "--listen", "127.0.0.1:0", "--utc"}, args...)...))
}

var servingAt = regexp.MustCompile(`msg=serving at=(\S+)`)

// started starts a command that serves, and waits until it does.
func started(t *testing.T, cmd *exec.Cmd) *server {
	t.Helper()
	s := &server{Cmd: cmd, stderr: new(bytes.Buffer)}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if cmd.ProcessState == nil {
			cmd.Process.Kill()
			cmd.Wait()
		}
	})
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		fmt.Fprintln(s.stderr, lines.Text())
		if m := servingAt.FindStringSubmatch(lines.Text()); m != nil {
			s.url = strings.TrimSuffix(m[1], "/")
			go io.Copy(io.Discard, stderr)
			return s
		}
	}
	t.Fatalf("it doesn't serve: %v\n%s", cmd.Wait(), s.stderr)
	return nil
}

// end sends SIGTERM and demands that the server ends well.
func (s *server) end(t *testing.T) {
	t.Helper()
	if err := s.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := s.Wait(); err != nil {
		t.Errorf("ended: %v", err)
	}
}

// ask sends a request and returns its answer, with its body read.
func (s *server) ask(t *testing.T, method, path string, header ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

// dumpLine returns a flight of some hours, as a line of a dump. Its ID is that of the
// hour of 2026, and of the length of the host's name.
func dumpLine(host string, hour, hours int, ending string) string {
	start := time.Date(2026, 1, 1, hour, 0, 0, 0, time.UTC)
	fix := func(d time.Duration) string {
		return fmt.Sprintf(`{"elapsed_ns":%d,"awake_ns":%d,"raw_ns":%d,"wall":%q,"sync":"synced","max_error_ns":1000000}`, d, d, d, start.Add(d).Format(time.RFC3339))
	}
	landing := "null"
	if ending == "landed" {
		landing = `{"reason":"terminated","shutdown":true}`
	}
	return fmt.Sprintf(`{"schema":"flightrec/1","flight":"2S00000000000000000%02d%06d","continues":null,"lane":"lane-0","host":%q,"machine":%q,"boot":"%s-%d","os":"linux/arm64","kernel":"6.1","recorder":"1","pid":1,"interval_ns":null,"since_boot_ns":0,"beats":2,"legs":[{"cause":"takeoff","beats":2,"source":"adjtimex","first":%s,"last":%s}],"landing":%s,"ending":%q}`,
		len(host), hour, host, host, host, hour, fix(0), fix(time.Duration(hours)*time.Hour), landing, ending) + "\n"
}

// samples returns the samples of /metrics.
func (s *server) samples(t *testing.T) map[string]float64 {
	t.Helper()
	_, text := s.ask(t, "GET", "/metrics")
	p := expfmt.NewTextParser(model.LegacyValidation)
	families, err := p.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	all := map[string]float64{}
	for name, f := range families {
		for _, m := range f.Metric {
			key := name
			for _, l := range m.Label {
				if l.GetName() == "host" {
					key += " " + l.GetValue()
				}
			}
			all[key] += m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	return all
}

// becomes waits until a condition holds.
func becomes(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 600 {
		if holds() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("it never happened: %s", what)
}

// What is served is what the commands print, and nobody asks in vain or too much.
func TestServe(t *testing.T) {
	dir := t.TempDir()
	dump := filepath.Join(dir, "pi.jsonl")
	if err := os.WriteFile(dump, []byte(dumpLine("pi", 0, 2, "lost")+dumpLine("pi", 3, 1, "landed")), 0o644); err != nil {
		t.Fatal(err)
	}
	s := serving(t, dump)
	printed := func(args ...string) string {
		out, err := exec.Command(program, append(args, dump)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	if _, got := s.ask(t, "GET", "/dump.jsonl"); got != printed("dump", "--json") {
		t.Errorf("a dump is\n%s", got)
	}
	_, spans := s.ask(t, "GET", "/spans.jsonl")
	last := strings.LastIndex(strings.TrimSpace(spans), "\n") // how long it was silent depends on now
	if want := printed("report", "--format", "spans"); last < 0 || !strings.HasPrefix(want, spans[:last]) {
		t.Errorf("spans are\n%s\nwant\n%s", spans, want)
	}
	var report struct {
		Schema   string
		Machines []struct{ Summary struct{ Crashes int } }
	}
	_, text := s.ask(t, "GET", "/report.json")
	if err := json.Unmarshal([]byte(text), &report); err != nil || report.Schema != "flightrec.report/1" || len(report.Machines) != 1 || report.Machines[0].Summary.Crashes != 1 {
		t.Errorf("a report is %v\n%s", err, text)
	}
	if got := s.samples(t); got["flightrec_crashes_total"] != 1 || got["flightrec_down_seconds"] != 3600 {
		t.Errorf("samples are %v", got)
	}

	for _, c := range []struct {
		method, path string
		header       []string
		code         int
		want         [2]string // a header of the answer
	}{
		{method: "GET", path: "/", code: 200, want: [2]string{"Content-Type", "text/html; charset=utf-8"}},
		{method: "GET", path: "/", code: 200, want: [2]string{"Refresh", "60"}},
		{method: "GET", path: "/?still", code: 200, want: [2]string{"Refresh", ""}},
		{method: "GET", path: "/", code: 200, want: [2]string{"X-Content-Type-Options", "nosniff"}},
		{method: "GET", path: "/", code: 200, want: [2]string{"X-Frame-Options", "DENY"}},
		{method: "HEAD", path: "/report.json", code: 200, want: [2]string{"Content-Type", "application/json"}},
		{method: "GET", path: "/metrics", code: 200, want: [2]string{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}},
		{method: "GET", path: "/metrics", header: []string{"Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"}, code: 200, want: [2]string{"Content-Type", "application/openmetrics-text; version=1.0.0; charset=utf-8"}},
		{method: "GET", path: "/dump.jsonl", header: []string{"Accept-Encoding", "gzip"}, code: 200, want: [2]string{"Content-Encoding", "gzip"}},
		{method: "GET", path: "/dump.jsonl", header: []string{"Accept-Encoding", "gzip;q=0"}, code: 200, want: [2]string{"Content-Encoding", ""}},
		{method: "POST", path: "/", code: 405, want: [2]string{"Allow", "GET, HEAD"}},
		{method: "DELETE", path: "/dump.jsonl", code: 405},
		{method: "GET", path: "/nothing", code: 404},
		{method: "GET", path: "/%20still", code: 404},
		{method: "GET", path: "/metrics%20openmetrics", code: 404},
		{method: "GET", path: "/../etc/passwd", code: 404},
		{method: "GET", path: "/", header: []string{"Host", "evil.example"}, code: 421},
		{method: "GET", path: "/", header: []string{"Host", "192.0.2.7:9587"}, code: 421},
		{method: "GET", path: "/metrics", header: []string{"Host", "localhost.evil.example"}, code: 421},
		{method: "GET", path: "/", header: []string{"Host", "LOCALHOST.:1"}, code: 200},
	} {
		answer, body := s.ask(t, c.method, c.path, c.header...)
		if answer.StatusCode != c.code || c.want[0] != "" && answer.Header.Get(c.want[0]) != c.want[1] {
			t.Errorf("%s %s %v: %d, want %d and %v\n%v", c.method, c.path, c.header, answer.StatusCode, c.code, c.want, answer.Header)
		}
		if !strings.Contains(answer.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s %s: no policy", c.method, c.path)
		}
		if c.method == "HEAD" && body != "" || c.code == 200 && c.method == "GET" && body == "" {
			t.Errorf("%s %s: body of %d bytes", c.method, c.path, len(body))
		}
	}

	first, _ := s.ask(t, "GET", "/")
	tag := first.Header.Get("ETag")
	if again, body := s.ask(t, "GET", "/", "If-None-Match", `"x", `+tag); again.StatusCode != http.StatusNotModified || body != "" {
		t.Errorf("what is known is sent again: %d", again.StatusCode)
	}
	s.end(t)
}

// A name that a proxy or a name server gives is answered if it was told.
func TestServeHost(t *testing.T) {
	dump := filepath.Join(t.TempDir(), "pi.jsonl")
	if err := os.WriteFile(dump, []byte(dumpLine("pi", 0, 2, "lost")), 0o644); err != nil {
		t.Fatal(err)
	}
	s := serving(t, "--host", "Wall.Example", dump)
	for host, code := range map[string]int{"wall.example": 200, "wall.example:80": 200, "other.example": 421} {
		if answer, _ := s.ask(t, "GET", "/", "Host", host); answer.StatusCode != code {
			t.Errorf("%s: %d, want %d", host, answer.StatusCode, code)
		}
	}
}

// A recorder's heartbeats come through, a crash is told without a restart, and nothing in
// the journal is touched.
func TestServeJournal(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	record := exec.Command(program, "record", "-d", dir, "-i", "0.2", "--clock", "trust")
	if err := record.Start(); err != nil {
		t.Fatal(err)
	}
	defer record.Process.Kill()
	becomes(t, "takeoff", func() bool {
		flights, err := store.Read(t.Context(), dir, func(error) {})
		return err == nil && len(flights) == 1
	})
	s := serving(t, "-d", dir)
	sign := s.samples(t)["flightrec_last_sign_of_life_seconds"]
	tag := func() string { answer, _ := s.ask(t, "HEAD", "/"); return answer.Header.Get("ETag") }
	before := tag()
	becomes(t, "a later heartbeat", func() bool { return s.samples(t)["flightrec_last_sign_of_life_seconds"] > sign })
	if tag() == before {
		t.Error("another page has the same tag")
	}
	record.Process.Kill()
	record.Wait()
	becomes(t, "silence", func() bool { return s.samples(t)["flightrec_up"] == 0 })
	state := func() string {
		out, err := exec.Command("sh", "-c", `cd "$1" && find . -printf '%p %s %m %T@ %C@\n' | sort`, "-", dir).Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	untouched := state()
	for path := range resources {
		s.ask(t, "GET", strings.ReplaceAll(path, " ", "?"))
	}
	if now := state(); now != untouched {
		t.Errorf("the journal was\n%s\nand is\n%s", untouched, now)
	}
	// What isn't there any more is no report of before.
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	becomes(t, "an error", func() bool {
		answer, _ := s.ask(t, "GET", "/")
		return answer.StatusCode == http.StatusServiceUnavailable
	})
	s.end(t)
}

// A folder of dumps is watched: machines come and change, and no counter falls.
func TestServeFolder(t *testing.T) {
	dir := t.TempDir()
	write := func(host string, lines ...string) {
		temp := filepath.Join(dir, ".new")
		if err := os.WriteFile(temp, []byte(strings.Join(lines, "")), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(temp, filepath.Join(dir, host+".jsonl")); err != nil {
			t.Fatal(err)
		}
	}
	write("roof", dumpLine("roof", 0, 2, "lost"), dumpLine("roof", 3, 1, "lost"), dumpLine("roof", 5, 1, "lost"))
	write("cellar", dumpLine("cellar", 0, 2, "lost"))
	s := serving(t, "--from", dir)
	if got := s.samples(t); got["flightrec_crashes_total roof"] != 2 || got["flightrec_crashes_total cellar"] != 0 {
		t.Errorf("samples are %v", got)
	}
	write("attic", dumpLine("attic", 0, 2, "lost"))
	becomes(t, "a third machine", func() bool { return s.samples(t)["flightrec_boots_total attic"] == 1 })
	// Late evidence: one of the crashes was none.
	write("roof", dumpLine("roof", 0, 2, "lost"), dumpLine("roof", 3, 1, "landed"), dumpLine("roof", 5, 2, "lost"))
	becomes(t, "the change", func() bool { return s.samples(t)["flightrec_shutdowns_total roof"] == 1 })
	if got := s.samples(t)["flightrec_crashes_total roof"]; got != 2 {
		t.Errorf("the counter fell from 2 to %v", got)
	}
	if _, page := s.ask(t, "GET", "/"); !strings.Contains(page, "<h1>3 machines</h1>") {
		t.Errorf("the page is\n%s", page)
	}
}

// overUnix asks through a Unix socket.
func overUnix(t *testing.T, path string) int {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}}
	answer, err := client.Get("http://whatever/metrics")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// It listens at a Unix socket, in place of one whose server was killed, and at sockets that
// systemd hands over.
func TestServeSockets(t *testing.T) {
	dir := t.TempDir()
	dump := filepath.Join(dir, "pi.jsonl")
	if err := os.WriteFile(dump, []byte(dumpLine("pi", 0, 2, "lost")), 0o644); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "s")
	first := started(t, exec.Command(program, "serve", "--listen", "unix:"+path, dump))
	if code := overUnix(t, path); code != 200 {
		t.Errorf("%d", code)
	}
	if out, err := exec.Command(program, "serve", "--listen", path, dump).CombinedOutput(); err == nil || !strings.Contains(string(out), "address already in use") {
		t.Errorf("a second one: %v %s", err, out)
	}
	first.Process.Kill()
	first.Wait()
	started(t, exec.Command(program, "serve", "--listen", path, dump))
	if code := overUnix(t, path); code != 200 {
		t.Errorf("%d", code)
	}

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cmd := exec.Command("sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"`, "-", program, "serve", dump)
	cmd.ExtraFiles = []*os.File{f}
	handed := started(t, cmd)
	if handed.url != "http://"+l.Addr().String() {
		t.Errorf("it serves at %s, not at %v", handed.url, l.Addr())
	}
	if answer, _ := handed.ask(t, "GET", "/"); answer.StatusCode != 200 {
		t.Errorf("%d", answer.StatusCode)
	}
	handed.end(t)
}

// What can't be served is said, and nothing is begun.
func TestServeRefuses(t *testing.T) {
	for want, args := range map[string][]string{
		"no such file or directory": {"-d", filepath.Join(t.TempDir(), "none")},
		"stdin can't be read again": {"--from", "-"},
		"not ADDRESS:PORT":          {"--listen", "9587", "../../testdata/example.jsonl"},
		"no flight of such a":       {"--machine", "nobody", "../../testdata/example.jsonl"},
	} {
		if out, err := exec.Command(program, append([]string{"serve"}, args...)...).CombinedOutput(); err == nil || !strings.Contains(string(out), want) {
			t.Errorf("%v: %v, %s, want %s", args, err, out, want)
		}
	}
}
