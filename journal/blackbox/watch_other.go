//go:build !linux

package blackbox

import "context"

// Watch returns nil: attributes that notify are Linux's.
func Watch(context.Context, string) <-chan struct{} { return nil }
