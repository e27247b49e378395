//go:build manual

package main

import (
	"io"
	"log"
	"os"
	"strings"
	"time"

	"flightrec/cmd/flightrec/packaging/manual"
)

// main writes manual page and completions below a folder. DATE is that of the source,
// as 2026-11-28.
//
//	go run -tags manual ./cmd/flightrec FOLDER DATE
func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("manual: FOLDER and DATE are wanted")
	}
	date, err := time.Parse(time.DateOnly, os.Args[2])
	if err != nil {
		log.Fatal("manual: ", err)
	}
	p := manual.Program{App: newApp(strings.NewReader(""), io.Discard, io.Discard), Words: words, Date: date}
	for _, t := range topics {
		p.Topics = append(p.Topics, manual.Topic{Name: t.name, Usage: t.usage, Text: t.text})
	}
	if err := p.Write(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}
