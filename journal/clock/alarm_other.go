//go:build !linux

package clock

import "context"

// NewAlarm returns an alarm, not set yet.
func NewAlarm(context.Context) Alarm { return NewTimer() }
