package sntp

import (
	"encoding/binary"
	"errors"
	"math"
	"net"
	"time"

	"flightrec/journal/clock"

	"github.com/beevik/ntp"
)

// Where the fields of an NTP packet begin (RFC 5905, section 7.3), of those that tell
// whether a response is one to our question.
const (
	packetSize    = 48
	modeServer    = 4
	precisionAt   = 3
	originAt      = 24 // the question's transmit time
	receiveAt     = 32
	transmitAt    = 40
	timestampSize = 8
)

// errEarly is the error of a response that claims to have been on its way for less
// than no time.
var errEarly = errors.New("the round trip took less than no time")

// matchConn passes on the first response to its question, and nothing else that comes
// in: who sends datagrams that don't match can't keep the good one away.
type matchConn struct {
	net.Conn
	question   []byte
	sent       time.Time
	mismatched bool
}

func (c *matchConn) Write(b []byte) (int, error) {
	c.question, c.sent = append(c.question[:0], b...), time.Now()
	return c.Conn.Write(b)
}

// Read reads the response. Its error is ntp.ErrServerResponseMismatch if time ran out
// while only others came in.
func (c *matchConn) Read(b []byte) (int, error) {
	for {
		n, err := c.Conn.Read(b)
		switch {
		case err != nil && c.mismatched:
			return n, ntp.ErrServerResponseMismatch
		case err != nil:
			return n, err
		case c.answers(b[:n]):
			return n, c.check(b[:n], time.Since(c.sent))
		}
		c.mismatched = true
	}
}

// answers reports whether p is a response to the question.
func (c *matchConn) answers(p []byte) bool {
	return len(p) >= packetSize && p[0]&7 == modeServer && len(c.question) >= packetSize &&
		string(p[originAt:originAt+timestampSize]) == string(c.question[transmitAt:transmitAt+timestampSize])
}

// check refuses a response by which the server kept the question for longer than the
// answer took. A server's clock may tick as coarsely as its precision says.
func (c *matchConn) check(p []byte, took time.Duration) error {
	kept := time.Duration(float64(int64(timestamp(p[transmitAt:])-timestamp(p[receiveAt:]))) / (1 << 32) * float64(time.Second))
	tick := time.Duration(math.Ldexp(float64(time.Second), int(int8(p[precisionAt]))))
	if kept > took+min(max(tick, 0), clock.LineLimit) {
		return errEarly
	}
	return nil
}

// timestamp reads seconds since 1900 and their fraction, 32 bits each.
func timestamp(b []byte) uint64 { return binary.BigEndian.Uint64(b) }
