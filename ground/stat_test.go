package ground

import (
	"pgregory.net/rapid"
	"testing"
)

func TestStat(t *testing.T) {
	n, v, l, anch, win, paus, bnd := 0, 0, 0, 0, 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		n++
		if w.vague {
			v++
		}
		if w.lone {
			l++
		}
		for _, b := range Ground(w.flights, Options{}) {
			for _, f := range b.Flights {
				if f.Grounding >= ByBoot {
					anch++
				} else {
					if f.Window != (Window{}) {
						win++
					}
					bnd++
				}
				paus += len(f.Pauses)
			}
		}
	})
	t.Log(n, "vague", v, "lone", l, "anchored", anch, "unanch", bnd, "windows", win, "pauses", paus)
}
