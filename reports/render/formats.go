// Package render writes reports. It decides nothing: what stands in the model of package
// reports, numbers and notes included, is what each format tells.
//
// Each format is a file of this package and a line in [Formats].
package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"flightrec/reports"
)

// Format is a way in which a report looks. Write writes machine by machine, as the
// report yields them, and returns the first error of the writer.
type Format struct {
	Name  string
	Usage string // what it is for, in a few words
	Write func(io.Writer, *reports.Report, Look) error
}

// Look says what the reader's end can show. The zero value suits a pipe.
type Look struct {
	Width int  // how many columns there are; 0 is as many as are wanted
	UTF8  bool // other signs than those of ASCII
	Color bool // ANSI colours
	ISO   bool // times and durations as programs write them
}

// Formats are the formats of reports.
var Formats = []Format{
	{"table", "an uptime a line, for people", Table},
	{"text", "the lines of the original flight-recorder, and what is known beyond them", Text},
	{"json", "one JSON object", JSON},
	{"csv", "a period a line, for spreadsheets", CSV},
	{"spans", "the time line, a JSON object a span", Spans},
	{"html", "a web page of one file, without any script", HTML},
	{"prometheus", "metrics, for the textfile collector of node_exporter", Prometheus},
}

// Names returns the names of the formats, as a flag's help lists them.
func Names() string {
	list := names()
	return strings.Join(list[:len(list)-1], ", ") + " or " + list[len(list)-1]
}

func names() (list []string) {
	for _, f := range Formats {
		list = append(list, f.Name)
	}
	return list
}

// Find returns the format of that name. Its error names those that there are.
func Find(name string) (Format, error) {
	i := slices.IndexFunc(Formats, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, fmt.Errorf("--format %q: not one of %s", name, strings.Join(names(), ", "))
	}
	return Formats[i], nil
}
