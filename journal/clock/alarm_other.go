//go:build !linux

package clock

import "context"

// NewAlarm returns NewTimer: only Linux has timerfd_create(2).
func NewAlarm(context.Context) Alarm { return NewTimer() }
