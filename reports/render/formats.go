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
	Write func(io.Writer, *reports.Report) error
}

// Formats are the formats of reports.
var Formats = []Format{
	{"text", "lines for people and for programs that read those of the original flight-recorder", Text},
	{"json", "one JSON object", JSON},
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
		return Format{}, fmt.Errorf("format %q: not one of %s", name, strings.Join(names(), ", "))
	}
	return Formats[i], nil
}
