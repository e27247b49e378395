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
	type key struct {
		flights int
		command string
	}
	var order []key
	rows := make(map[key][]reading)
	for _, r := range readings {
		k := key{r.Flights, r.Command}
		if rows[k] == nil {
			order = append(order, k)
		}
		rows[k] = append(rows[k], r)
	}
	slices.SortStableFunc(order, func(a, b key) int { return a.flights - b.flights })
	fmt.Fprintf(b, "| flights | command | seconds | user | system | peak MB | on disk MB |\n")
	b.WriteString("|---:|---|---:|---:|---:|---:|---:|\n")
	for _, k := range order {
		middle := func(figure func(reading) float64) float64 {
			var xs []float64
			for _, r := range rows[k] {
				xs = append(xs, figure(r))
			}
			return median(xs)
		}
		fmt.Fprintf(b, "| %s | %s | %.3f | %.3f | %.3f | %.1f | %.1f |\n", grouping(fmt.Sprint(k.flights)), k.command,
			middle(func(r reading) float64 { return r.Wall }), middle(func(r reading) float64 { return r.User }),
			middle(func(r reading) float64 { return r.System }),
			middle(func(r reading) float64 { return float64(r.Peak) / 1e6 }), middle(func(r reading) float64 { return float64(r.Disk) / 1e6 }))
	}
	b.WriteString("\n")
}
