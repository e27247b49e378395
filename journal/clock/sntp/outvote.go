package sntp

import "errors"

// errOutvoted is the error of an answer that most others don't agree with.
var errOutvoted = errors.New("the other servers don't agree with it")

// outvote makes those of the valid answers invalid that don't agree with more
// than half of them, themselves included. So one answer stands for itself, of two
// that contradict each other neither stands, and of three a liar falls.
func outvote(answers []Answer) {
	var valid []*Answer
	for i := range answers {
		if answers[i].Err == nil {
			valid = append(valid, &answers[i])
		}
	}
	var fallen []*Answer
	for _, a := range valid {
		votes := 0
		for _, b := range valid {
			if agree(*a, *b) {
				votes++
			}
		}
		if 2*votes <= len(valid) {
			fallen = append(fallen, a)
		}
	}
	for _, a := range fallen {
		a.Offset, a.MaxError, a.Err = 0, 0, errOutvoted
	}
}

// agree reports whether two answers can both be right. What they are compared by
// is the true time at boot, which no step in between changes.
func agree(a, b Answer) bool {
	ta := a.Wall.Add(a.Offset).Add(-a.Boot)
	tb := b.Wall.Add(b.Offset).Add(-b.Boot)
	return ta.Sub(tb).Abs() <= a.MaxError+b.MaxError
}
