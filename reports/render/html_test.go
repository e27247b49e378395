package render

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/reports"
)

// pageOf returns a report as a page.
func pageOf(t *testing.T, boots []ground.Boot, opts reports.Options) string {
	t.Helper()
	var b strings.Builder
	if err := HTML(&b, reportOf(boots, opts), Look{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What the page says of a crash, a shutdown and a boot without an anchor.
func TestHTML(t *testing.T) {
	tripped := fly(2, "10:40:00", "11:40:00")
	tripped.Evidence = journal.Evidence{{Source: "pscrr", Value: "under_voltage"}}
	page := pageOf(t, []ground.Boot{
		boot("a", fly(1, "10:00:00", "10:30:00")),
		boot("b", landed(tripped, journal.ShutdownYes)),
		boot("c", adrift(fly(3, "12:00:00", "12:30:00"), ground.GroundingWall, "11:40:00", "13:00:00")),
		boot("d", aloft(fly(4, "14:00:00", "15:00:00"))),
	}, reports.Options{Run: reports.Run{Now: at("15:00:05")}})
	for _, want := range []string{
		`<title>pi</title>`,
		`<dt>up</dt><dd>1 h, since Wed 17 Jun 14:00</dd>`,
		`<td class="number">1</td><td>Wed 17 Jun 10:00</td><td class="number">30 m</td><td>crash</td><td>Wed 10:30</td><td>10 m under-voltage</td>`,
		`<td>shutdown</td>`,
		`<td>~Wed 17 Jun 12:00</td>`,
		`<a href="#m1-note1" aria-label="note 1">[1]</a>`,
		`<li id="m1-note1" value="1">3: its clock was never set; somewhere between Wed 17 Jun 11:40 and Wed 17 Jun 13:00.</li>`,
		`<title>down (crash, under-voltage) 10 m: Wed 17 Jun 10:30 to Wed 17 Jun 10:40</title>`,
		`<title>Wed 17 Jun: `,
		`<th scope="row">2020-06</th>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in\n%s", want, page)
		}
	}
	for _, no := range []string{"<script", "javascript:", "http://", "https://", "ZgotmplZ", "style=\""} {
		if strings.Contains(page, no) {
			t.Errorf("%s in\n%s", no, page)
		}
	}
	if page := pageOf(t, nil, reports.Options{}); !strings.Contains(page, "No flights recorded") {
		t.Errorf("of nothing it says\n%s", page)
	}
}

// markup is a text that would break out of wherever a page might put it.
const markup = "\"'><script>document.title=1</script><img src=x onerror=alert(1)></style>--><!--]]>{{.}}\u202e\x1b[31m&amp;`${1}"

// hostileBoots are two machines whose every text is markup.
func hostileBoots() []ground.Boot {
	var boots []ground.Boot
	for n := range 2 {
		b := boot(markup, aloft(fly(n+1, "10:00:00", "11:00:00")))
		b.Machine = markup + fmt.Sprint(n)
		take := &b.Flights[0].Takeoff
		take.Host, take.Machine, take.Kernel, take.OS, take.Recorder, take.Boot = markup, b.Machine, markup, markup, markup, markup
		b.Flights[0].Lane = markup
		boots = append(boots, b)
	}
	return boots
}

// Foreign texts stay texts.
func TestHTMLHostile(t *testing.T) {
	r := reportOf(hostileBoots(), reports.Options{Run: reports.Run{Now: at("11:00:00"), Warnings: []string{markup}}})
	var b strings.Builder
	for _, p := range []Page{{}, {Live: true}} {
		b.Reset()
		if err := p.Write(&b, r, Look{}); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(b.String(), "&lt;script&gt;"); n < 6 {
			t.Errorf("the text is told %d times", n)
		}
		for _, no := range []string{"<script", "<img", "</style>--", "\u202e", "\x1b", "&amp;amp;amp;"} {
			if strings.Contains(b.String(), no) {
				t.Errorf("%q in\n%s", no, &b)
			}
		}
	}
}

// manyBoots returns boots of a day each, most of them ended by a crash.
func manyBoots(n int, machine string) (boots []ground.Boot) {
	start := at("2020-01-01 00:00:00")
	for i := range n {
		b := boot(fmt.Sprint(i), flySpan(i+1, ground.Span{Start: start, End: start.Add(23 * 3600e9)}))
		if i%7 == 0 {
			landed(b.Flights[0], journal.ShutdownYes)
		}
		b.Machine, b.Flights[0].Takeoff.Host = machine, "host-"+machine
		boots = append(boots, b)
		start = start.Add(24 * 3600e9)
	}
	return boots
}

// Neither years of one machine nor a fleet make a page large.
func TestHTMLSize(t *testing.T) {
	size := func(boots []ground.Boot, opts reports.Options) int {
		opts.Now = boots[len(boots)-1].End
		return len(pageOf(t, boots, opts))
	}
	if got := size(manyBoots(3653, "m"), reports.Options{}); got > 200e3 {
		t.Errorf("ten years take %d bytes", got)
	}
	if got := size(manyBoots(5000, "m"), reports.Options{}); got > 200e3 {
		t.Errorf("5,000 boots take %d bytes", got)
	}
	fleet := func(n int) (boots []ground.Boot) {
		for i := range n {
			boots = append(boots, manyBoots(100, fmt.Sprintf("m%03d", i))...)
		}
		return boots
	}
	if got := size(fleet(50), reports.Options{}); got > 1.5e6 {
		t.Errorf("50 machines take %d bytes", got)
	}
	if got := size(fleet(500), reports.Options{}); got > 2e6 {
		t.Errorf("500 machines take %d bytes", got)
	}
}

// Debian's chromium shows the pages without a complaint: at widths from a telephone's to a
// screen's, light, dark and in print, and axe finds nothing in the way of those who
// don't see them. With SCREENSHOTS=FOLDER they can be looked at.
func TestHTMLInBrowser(t *testing.T) {
	modules := os.Getenv("NODE_PATH")
	for _, name := range []string{"/usr/bin/chromium", filepath.Join(modules, "playwright-core"), filepath.Join(modules, "axe-core")} {
		if _, err := os.Stat(name); modules == "" || err != nil {
			t.Skip("needs Debian's chromium, node, and npm's playwright-core and axe-core in $NODE_PATH")
		}
	}
	dir := t.TempDir()
	args := []string{"html/browser.js"}
	stories := append(manyBoots(40, "m"), boot("x", adrift(fly(99, "2020-02-20 12:00:00", "2020-02-20 13:00:00"), ground.GroundingWall, "", "")))
	stories[40].Machine = "m"
	for name, boots := range map[string][]ground.Boot{"one": stories, "hostile": hostileBoots()} {
		var b bytes.Buffer
		r := reportOf(boots, reports.Options{Run: reports.Run{Now: boots[len(boots)-1].End, Warnings: []string{"one"}}})
		if err := (Page{Live: name == "one"}).Write(&b, r, Look{}); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, name+".html")
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	out, err := exec.Command("node", args...).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}
