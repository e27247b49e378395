package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"time"
)

// progressAfter is how long a task may take without a word.
const progressAfter = time.Second

// progress is a line on a terminal that says how far a long task has come.
type progress struct {
	w     io.Writer // nil where there is no terminal
	task  string
	since time.Time

	mu      sync.Mutex
	shown   string
	timer   *time.Timer    // while wait's word may come
	signals chan os.Signal // while anything is shown
}

// newProgress returns the progress of a task, on stderr.
func newProgress(stderr io.Writer, task string) *progress {
	p := &progress{task: task, since: time.Now()}
	if t := terminalOf(stderr); t.file != nil && !t.dumb {
		p.w = stderr
	}
	return p
}

// wait shows, after a while, that a task goes on of which nothing else is known.
func (p *progress) wait() {
	if p.w != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.timer = time.AfterFunc(progressAfter, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			if p.timer != nil { // it isn't over meanwhile
				p.draw(p.task + " …")
			}
		})
	}
}

// show says how much of it is done.
func (p *progress) show(done, all int64) {
	if p.w != nil && all > 0 && time.Since(p.since) >= progressAfter {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.draw(fmt.Sprintf("%s: %d%%", p.task, min(100*done/all, 100)))
	}
}

// draw draws the line anew; p.mu is held. An interrupt takes it away before the program
// ends.
func (p *progress) draw(text string) {
	if text == p.shown {
		return
	}
	if p.shown == "" {
		p.signals = make(chan os.Signal, 1)
		signal.Notify(p.signals, os.Interrupt)
		go func(signals chan os.Signal) {
			if _, ok := <-signals; ok {
				p.clear()
				interrupt()
			}
		}(p.signals)
	}
	p.shown = text
	fmt.Fprint(p.w, "\r"+text)
}

// clear takes the line away.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	if p.shown != "" {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = ""
		signal.Stop(p.signals)
		close(p.signals)
	}
}
