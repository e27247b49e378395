// Package ntptest is a network time server for tests.
//
// The one fact that a caller must know: the server keeps a clock of its own
// ([Steady]), which goes on running straight while the system's clock is being
// set, stepped or slewed. So it can discipline the very machine that it runs on.
//
// A packet of the network time protocol, as asked and as answered:
//
//	+---------+---------+------+-----------+------------+------------------+
//	| li,vn,m | stratum | poll | precision | root delay | root dispersion  |
//	|    1    |    1    |  1   |     1     |     4      |        4         |
//	+---------+---------+------+-----------+------------+------------------+
//	| reference ID | reference time | origin | receive | transmit |
//	|      4       |       8        |   8    |    8    |    8     |
//	+--------------+----------------+--------+---------+----------+
package ntptest

import (
	"encoding/binary"
	"fmt"
	"net"
	"sync"
	"time"
)

const packetSize = 48

const (
	modeClient = 3
	modeServer = 4
)

// Unsynchronised is the leap indicator of a server that has no time to give.
const Unsynchronised = 3

// Answer is what the server says of itself. The zero value is no good clock: see
// [Good].
type Answer struct {
	Leap           uint8 // 0 to 3
	Stratum        uint8 // 0 is a kiss-o'-death, and RefID is its code
	RefID          string
	RootDelay      time.Duration
	RootDispersion time.Duration
	// Offset is added to the server's clock.
	Offset time.Duration
	// Silent makes the server answer nothing.
	Silent bool
	// Mangle, if not nil, has the last word on each reply: what it returns is sent.
	Mangle func(reply []byte) []byte `json:"-"`
}

// Good is the answer of a server of stratum 1 that can be believed.
func Good() Answer {
	return Answer{Stratum: 1, RefID: "GPS", RootDispersion: time.Millisecond}
}

// Server is a running network time server.
type Server struct {
	conn net.PacketConn
	now  func() time.Time
	done chan struct{}

	mu      sync.Mutex
	answer  Answer
	queries int
}

// Listen starts a server at addr ("127.0.0.1:0" takes a free port) that tells the
// time of now.
func Listen(addr string, now func() time.Time, answer Answer) (*Server, error) {
	conn, err := net.ListenPacket("udp", addr)
	if err != nil {
		return nil, fmt.Errorf("starting time server: %w", err)
	}
	s := &Server{conn: conn, now: now, answer: answer, done: make(chan struct{})}
	go s.serve()
	return s, nil
}

// Addr returns the address that the server listens at, as host:port.
func (s *Server) Addr() string { return s.conn.LocalAddr().String() }

// Set changes what the server answers from now on.
func (s *Server) Set(answer Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

// Queries returns how many questions the server has been asked, answered or not.
func (s *Server) Queries() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queries
}

// Close ends the server.
func (s *Server) Close() error {
	err := s.conn.Close()
	<-s.done
	return err
}

func (s *Server) serve() {
	defer close(s.done)
	buf := make([]byte, 1024)
	for {
		n, from, err := s.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		if reply := s.reply(buf[:n], s.now()); reply != nil {
			// A client that has gone is no concern of the server.
			_, _ = s.conn.WriteTo(reply, from)
		}
	}
}

// reply returns the reply to a question that came in at received, or nil if there
// is to be none.
func (s *Server) reply(question []byte, received time.Time) []byte {
	if len(question) < packetSize || question[0]&7 != modeClient {
		return nil
	}
	s.mu.Lock()
	s.queries++
	a := s.answer
	s.mu.Unlock()
	if a.Silent {
		return nil
	}
	reply := a.packet(question, received, s.now())
	if a.Mangle != nil {
		reply = a.Mangle(reply)
	}
	return reply
}

// packet is the reply to question, in the question's own version of the protocol.
func (a Answer) packet(question []byte, received, sent time.Time) []byte {
	version := question[0] >> 3 & 7
	p := make([]byte, packetSize)
	p[0] = a.Leap<<6 | version<<3 | modeServer
	p[1] = a.Stratum
	p[2] = question[2]
	p[3] = 0xec // a precision of 2^-20 s
	binary.BigEndian.PutUint32(p[4:], short(a.RootDelay))
	binary.BigEndian.PutUint32(p[8:], short(a.RootDispersion))
	copy(p[12:16], a.RefID)
	binary.BigEndian.PutUint64(p[16:], stamp(received.Add(a.Offset-time.Second)))
	copy(p[24:32], question[40:48])
	binary.BigEndian.PutUint64(p[32:], stamp(received.Add(a.Offset)))
	binary.BigEndian.PutUint64(p[40:], stamp(sent.Add(a.Offset)))
	return p
}

// epoch1900 is the Unix time of the protocol's epoch, 1900-01-01.
const epoch1900 = -2208988800

// stamp returns t as the protocol's 64 bits: seconds since 1900, modulo 2^32, and
// their fraction.
func stamp(t time.Time) uint64 {
	return uint64(t.Unix()-epoch1900)<<32 | uint64(t.Nanosecond())<<32/1e9
}

// short returns d as the protocol's 32 bits: seconds and their fraction, 16 each.
func short(d time.Duration) uint32 { return uint32(d << 16 / time.Second) }
