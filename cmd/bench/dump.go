//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
)

// A flight is what the bench needs of a dump line.
type flight struct {
	Flight string `json:"flight"`
	Beats  int64  `json:"beats"`
}

// dump reads the journal in dir with the recorder's own dump, which changes
// nothing there. A journal that is only just being made has no flights yet.
func dump(ctx context.Context, recorder, dir string) ([]flight, error) {
	var out, complaint bytes.Buffer
	cmd := exec.CommandContext(ctx, recorder, "dump", "--json", "-d", dir)
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("reading the journal: %w: %s", err, complaint.Bytes())
	}
	var flights []flight
	for lines := json.NewDecoder(&out); lines.More(); {
		var f flight
		if err := lines.Decode(&f); err != nil {
			return nil, errors.Join(errors.New("reading the journal's dump"), err)
		}
		flights = append(flights, f)
	}
	return flights, nil
}
