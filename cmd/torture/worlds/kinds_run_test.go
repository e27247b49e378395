package worlds

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/journaltest"

	"pgregory.net/rapid"
)

// drawKind draws a world of a kind, and lets it be recorded.
func drawKind(t *testing.T, rt *rapid.T, k *kind) *world {
	w := &world{t: rt, named: true, since: true, now: noon, longest: 1 << 62}
	w.interval = rapid.SampledFrom([]time.Duration{10 * time.Second, time.Minute}).Draw(rt, "interval")
	w.newer = rapid.Bool().Draw(rt, "newer recorders")
	k.draw(w)
	cards := []card{&memory{Memory: journaltest.NewMemory(0)}, &memory{Memory: journaltest.NewMemory(1)}}
	if w.newer {
		cards[0].(*memory).ID, cards[1].(*memory).ID = "journal-0", "journal-1"
	}
	if w.oneJournal {
		cards[1].(*memory).ID = cards[0].(*memory).ID
	}
	if err := w.play(t, cards); err != nil {
		rt.Fatalf("%v\n%s", err, w.tell())
	}
	return w
}

// judgeKind returns where the product contradicts the truth of a world.
func (w *world) judgeKind(k *kind, flights []journal.Flight, spoil func(*world, []grounded)) (string, []ground.Boot) {
	machines := w.ground(flights)
	boots := bootsOf(machines)
	if spoil != nil {
		spoil(w, machines)
	}
	msg := w.oracle(flights, machines)
	if msg == "" && k.also != nil {
		msg = k.also(w, boots)
	}
	return msg, boots
}

// kindWorlds is how many worlds of each kind are tried.
func kindWorlds(t *testing.T) int { return max(1, tries(t)/len(kindsOfLies)) }

// tries is how many worlds, or small histories, a test tries.
func tries(t *testing.T) int {
	n := 20000
	if given := os.Getenv("FLIGHTREC_WORLDS"); given != "" {
		var err error
		if n, err = strconv.Atoi(given); err != nil {
			t.Fatal(err)
		}
	}
	if testing.Short() {
		n /= 40
	}
	return n
}

// TestKinds holds what is said of each kind against the truth.
func TestKinds(t *testing.T) {
	set(t, "rapid.checks", fmt.Sprint(kindWorlds(t)))
	for i := range kindsOfLies {
		k := &kindsOfLies[i]
		t.Run(k.name, func(t *testing.T) {
			seed := flag.Lookup("rapid.seed").Value.String()
			if seed == "0" {
				seed = fmt.Sprint(i + 1)
			}
			check(t, seed, func(rt *rapid.T) {
				w := drawKind(t, rt, k)
				if msg, boots := w.judgeKind(k, w.flights, nil); msg != "" {
					rt.Fatalf("%s\n%s\n%s", msg, w.tell(), tellGrounding(boots))
				}
			})
		})
	}
}

// TestKindsAreExposed makes a deliberate mistake of each kind: it takes away what
// exposes the lie, or forges it. The oracle must find each of them out.
func TestKindsAreExposed(t *testing.T) {
	set(t, "rapid.checks", "30")
	for i := range kindsOfLies {
		k := &kindsOfLies[i]
		t.Run(k.name, func(t *testing.T) {
			caught := 0
			check(t, fmt.Sprint(i+1), func(rt *rapid.T) {
				w := drawKind(t, rt, k)
				flights := w.flights
				if k.hide != nil {
					flights = k.hide(w, flights)
				}
				if msg, _ := w.judgeKind(k, flights, k.spoil); msg != "" {
					caught++
				}
			})
			if caught == 0 {
				t.Error("nobody noticed")
			}
		})
	}
}
