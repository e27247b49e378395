//go:build !windows

package main

import "context"

// underManager calls serve: services of these systems end by a signal.
func underManager(ctx context.Context, serve func(context.Context) error) error { return serve(ctx) }
