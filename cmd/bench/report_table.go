//go:build linux

package main

import (
	"fmt"
	"slices"
	"strings"
)

// writeReadings writes what it takes to read journals: medians of the runs.
func writeReadings(b *strings.Builder, readings []reading) {
	if len(readings) == 0 {
		return
	}
	type command struct {
		flights int
		line    string
	}
	rows := grouped(readings, func(r reading) command { return command{r.Flights, r.Command} })
	slices.SortStableFunc(rows, func(a, b []reading) int { return a[0].Flights - b[0].Flights })
	fmt.Fprintf(b, "| flights | command | seconds | user | system | peak MB | on disk MB |\n")
	b.WriteString("|---:|---|---:|---:|---:|---:|---:|\n")
	for _, row := range rows {
		fmt.Fprintf(b, "| %s | %s | %.3f | %.3f | %.3f | %.1f | %.1f |\n", grouping(fmt.Sprint(row[0].Flights)), row[0].Command,
			middle(row, func(r reading) float64 { return r.Wall }), middle(row, func(r reading) float64 { return r.User }),
			middle(row, func(r reading) float64 { return r.System }),
			middle(row, func(r reading) float64 { return float64(r.Peak) / 1e6 }), middle(row, func(r reading) float64 { return float64(r.Disk) / 1e6 }))
	}
	b.WriteString("\n")
}
