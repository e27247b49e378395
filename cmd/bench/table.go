//go:build linux

package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

func table(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("table", flag.ContinueOnError)
	if err := parse(flags, args, stderr); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		fmt.Fprintln(stderr, "usage: bench table FILE...")
		return errUsage
	}
	var results []*Result
	for _, name := range flags.Args() {
		r, err := load(name)
		if err != nil {
			return err
		}
		results = append(results, r)
	}
	return writeTables(stdout, results)
}

// writeTables writes what the results say as Markdown. Figures are medians of the
// runs, over all results that are given.
func writeTables(w io.Writer, results []*Result) error {
	var b strings.Builder
	var samples []Sample
	var commands, machines []string
	for _, r := range results {
		samples = append(samples, r.Flash...)
		commands = append(commands, "`"+r.Command+"`")
		where := r.Machine
		if r.Recorder != "" {
			where = r.Recorder + ", " + where
		}
		machines = append(machines, where)
	}
	type table struct {
		fs       string
		interval float64
	}
	for _, group := range grouped(samples, func(s Sample) table { return table{s.FS, s.Interval} }) {
		writeFlash(&b, group)
	}
	for _, r := range results {
		writeBoots(&b, r.Boots)
		writeTraced(&b, r.Traced)
		writeAges(&b, r.Ages)
		writeReadings(&b, r.Readings)
	}
	slices.Sort(machines)
	fmt.Fprintf(&b, "%s; on %s.\n", strings.Join(commands, ", "), strings.Join(slices.Compact(machines), "; "))
	_, err := io.WriteString(w, b.String())
	return err
}

// grouped parts a list by a key, in the order in which the keys first come.
func grouped[T any, K comparable](all []T, key func(T) K) [][]T {
	at := make(map[K]int)
	var groups [][]T
	for _, x := range all {
		i, ok := at[key(x)]
		if !ok {
			i = len(groups)
			at[key(x)] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], x)
	}
	return groups
}

// middle returns the median of a figure.
func middle[T any](all []T, figure func(T) float64) float64 {
	var xs []float64
	for _, x := range all {
		xs = append(xs, figure(x))
	}
	return median(xs)
}

// A column is one figure of a sample, and how to write it.
type column struct {
	head   string
	digits int
	value  func(Sample) (float64, bool) // false: the sample doesn't tell
}

var columns = []column{
	{"bytes", 0, perBeat(func(s Sample) float64 { return float64(s.Steady.Bytes) })},
	{"writes", 1, perBeat(func(s Sample) float64 { return float64(s.Steady.Writes) })},
	{"flushes", 2, perBeat(func(s Sample) float64 { return float64(s.Steady.Flushes) })},
	{"MB a day", 1, func(s Sample) (float64, bool) { return s.aDay() / 1e6, s.Seconds > 0 }},
	{"CPU ms", 2, perBeat(func(s Sample) float64 { return s.CPUSeconds * 1e3 })},
	{"switches", 1, perBeat(func(s Sample) float64 { return float64(s.Voluntary + s.Involuntary) })},
	{"start-up KB", 0, func(s Sample) (float64, bool) { return float64(s.Startup.Bytes) / 1e3, true }},
	{"start-up flushes", 0, func(s Sample) (float64, bool) { return float64(s.Startup.Flushes), true }},
	{"RSS MB", 1, func(s Sample) (float64, bool) { return float64(s.RSS) / 1e6, true }},
	{"anonymous MB", 1, func(s Sample) (float64, bool) { return float64(s.Anonymous) / 1e6, s.Anonymous > 0 }},
	{"on disk KB", 0, func(s Sample) (float64, bool) { return float64(s.Disk) / 1e3, true }},
}

// aDay returns the bytes that s comes to in a day: those of a heartbeat, as often
// as one was due. The window's ends lie anywhere between two heartbeats, so its
// length serves only where no heartbeat fell into it.
func (s Sample) aDay() float64 {
	each := s.Interval
	for _, c := range contenders {
		if each == 0 && c.name == s.Contender {
			each = c.own.Seconds()
		}
	}
	covered := s.Seconds
	if s.Beats > 0 {
		covered = each * float64(s.Beats)
	}
	return float64(s.Steady.Bytes) * (24 * time.Hour).Seconds() / covered
}

// perBeat returns value divided by the heartbeats of the window, where there were any.
func perBeat(value func(Sample) float64) func(Sample) (float64, bool) {
	return func(s Sample) (float64, bool) { return value(s) / float64(s.Beats), s.Beats > 0 }
}

// writeFlash writes one table: a row for each contender on one file system, at
// one interval. Bytes, writes, flushes, CPU and switches are for one heartbeat.
func writeFlash(b *strings.Builder, group []Sample) {
	rows := grouped(group, func(s Sample) string { return s.Contender })
	slices.SortFunc(rows, func(a, b []Sample) int { return rank(a) - rank(b) })
	interval := "each contender at its own interval"
	if first := group[0]; first.Interval > 0 {
		interval = fmt.Sprintf("a heartbeat each %v s", first.Interval)
	}
	fmt.Fprintf(b, "**%s**, %s, %v\n\n| |", group[0].FS, interval, runsOf(rows))
	for _, c := range columns {
		fmt.Fprintf(b, " %s |", c.head)
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(columns)) + "\n")
	for _, row := range rows {
		fmt.Fprintf(b, "| %s |", row[0].Contender)
		for _, col := range columns {
			fmt.Fprintf(b, " %s |", col.cell(row))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
}

// rank is a row's place in a table: its contender's among all.
func rank(row []Sample) int {
	return slices.IndexFunc(contenders, func(c contender) bool { return c.name == row[0].Contender })
}

// runsOf says how long the rows' windows were, and how many runs there are.
func runsOf(rows [][]Sample) string {
	runs := 0
	for _, row := range rows {
		runs = max(runs, len(row))
	}
	seconds := middle(slices.Concat(rows...), func(s Sample) float64 { return s.Seconds })
	window := time.Duration(seconds * float64(time.Second)).Round(time.Second)
	if runs == 1 {
		return fmt.Sprintf("one run of %v", window)
	}
	return fmt.Sprintf("median of %d runs of %v", runs, window)
}

func (c column) cell(samples []Sample) string {
	var values []float64
	for _, s := range samples {
		if v, ok := c.value(s); ok {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return "–"
	}
	return grouping(fmt.Sprintf("%.*f", c.digits, median(values)))
}

// grouping puts a comma before each three digits of a number's whole part.
func grouping(number string) string {
	whole, fraction, _ := strings.Cut(number, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return sign + whole
}

// writeBoots writes what boots cost, until the kill and with a sync after it.
func writeBoots(b *strings.Builder, boots []Boot) {
	if len(boots) == 0 {
		return
	}
	b.WriteString("| boot | heartbeats | KB | flushes | KB, synced | flushes, synced | files | on disk KB | ms to open |\n")
	b.WriteString("|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, boot := range shown(boots) {
		fmt.Fprintf(b, "| %d | %d | %.0f | %d | %.0f | %d | %d | %.0f | %.1f |\n", boot.N, boot.Beats,
			float64(boot.Counts.Bytes)/1e3, boot.Counts.Flushes, float64(boot.Synced.Bytes)/1e3, boot.Synced.Flushes,
			boot.Files, float64(boot.Disk)/1e3, boot.Open*1e3)
	}
	b.WriteString("\n")
}

// shown picks the boots that a table shows: the first two, since the first makes
// the journal, some on the way, and the last two.
func shown(boots []Boot) []Boot {
	var out []Boot
	for i, boot := range boots {
		switch boot.N {
		case 1, 2, 10, 100:
			out = append(out, boot)
		default:
			if i >= len(boots)-2 {
				out = append(out, boot)
			}
		}
	}
	return out
}

// exceeded returns an error that names each run in which flightrec took more
// than limit times the floor's bytes or flushes for a heartbeat; a limit of 0
// asks for nothing.
func exceeded(samples []Sample, limit float64) error {
	if limit == 0 {
		return nil
	}
	var over []string
	compared := 0
	for _, s := range samples {
		floor := slices.IndexFunc(samples, func(f Sample) bool {
			return f.Contender == "floor" && f.FS == s.FS && f.Run == s.Run
		})
		if s.Contender != "flightrec" || floor < 0 {
			continue
		}
		compared++
		for _, c := range columns {
			if c.head != "bytes" && c.head != "flushes" {
				continue
			}
			have, ok := c.value(s)
			least, okFloor := c.value(samples[floor])
			if !ok || !okFloor || have > limit*least {
				over = append(over, fmt.Sprintf("%s, run %d: %.2f %s a heartbeat, the floor %.2f", s.FS, s.Run, have, c.head, least))
			}
		}
	}
	switch {
	case compared == 0:
		return fmt.Errorf("nothing to compare: needs flightrec and floor in one run")
	case len(over) > 0:
		return fmt.Errorf("more than %v times the floor: %s", limit, strings.Join(over, "; "))
	}
	return nil
}

// byKind orders traced files by bytes written, the most first.
func byKind(a, b Traced) int {
	return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(b.Syncs, a.Syncs), strings.Compare(a.Kind, b.Kind))
}
