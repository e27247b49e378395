package ntptest

import (
	"bytes"
	"encoding/binary"
	"net"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 500_000_000, time.UTC)

// ask sends question to s and returns the reply.
func ask(t *testing.T, s *Server, question []byte) []byte {
	t.Helper()
	conn, err := net.Dial("udp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(question); err != nil {
		t.Fatal(err)
	}
	reply := make([]byte, 1024)
	n, err := conn.Read(reply)
	if err != nil {
		t.Fatal(err)
	}
	return reply[:n]
}

func listen(t *testing.T, answer Answer) *Server {
	t.Helper()
	s, err := Listen("127.0.0.1:0", func() time.Time { return noon }, answer)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func question(version byte) []byte {
	q := make([]byte, packetSize)
	q[0] = version<<3 | modeClient
	copy(q[40:], "transmit")
	return q
}

func TestReply(t *testing.T) {
	s := listen(t, Answer{
		Leap: 1, Stratum: 2, RefID: "TEST",
		RootDelay: 1500 * time.Millisecond, RootDispersion: 250 * time.Millisecond,
		Offset: 30 * time.Second,
	})
	for _, version := range []byte{3, 4} {
		p := ask(t, s, question(version))
		if want := 1<<6 | version<<3 | modeServer; p[0] != want {
			t.Errorf("version %d: first byte %#x, want %#x", version, p[0], want)
		}
		if p[1] != 2 || string(p[12:16]) != "TEST" {
			t.Errorf("stratum %d, reference %q", p[1], p[12:16])
		}
		if delay, dispersion := binary.BigEndian.Uint32(p[4:]), binary.BigEndian.Uint32(p[8:]); delay != 0x18000 || dispersion != 0x4000 {
			t.Errorf("root delay %#x, dispersion %#x", delay, dispersion)
		}
		if !bytes.Equal(p[24:32], []byte("transmit")) {
			t.Errorf("origin %q is not the question's transmit time", p[24:32])
		}
		seconds, fraction := binary.BigEndian.Uint32(p[40:]), binary.BigEndian.Uint32(p[44:])
		if got := int64(seconds) + epoch1900; got != noon.Unix()+30 || fraction != 1<<31 {
			t.Errorf("transmit time %d and %#x", got, fraction)
		}
	}
	if got := s.Queries(); got != 2 {
		t.Errorf("%d queries, want 2", got)
	}
}

// What is no question of a client is passed over; the server goes on answering.
func TestNoQuestion(t *testing.T) {
	s := listen(t, Good())
	for _, q := range [][]byte{nil, make([]byte, 47), {4<<3 | modeServer, 47: 0}} {
		if got := s.reply(q, noon); got != nil {
			t.Errorf("reply to %d bytes, first %x: %x", len(q), q[:min(1, len(q))], got)
		}
	}
	if got := s.Queries(); got != 0 {
		t.Errorf("%d queries, want 0", got)
	}
}

func TestSet(t *testing.T) {
	s := listen(t, Good())
	kiss := Answer{Stratum: 0, RefID: "RATE", Mangle: func(p []byte) []byte { return p[:40] }}
	s.Set(kiss)
	if p := ask(t, s, question(4)); len(p) != 40 || p[1] != 0 || string(p[12:16]) != "RATE" {
		t.Errorf("reply %x", p)
	}
	s.Set(Answer{Silent: true})
	if p := s.reply(question(4), noon); p != nil {
		t.Errorf("a silent server replied %x", p)
	}
}

// The protocol's seconds wrap in 2036; a client takes the era from its own clock.
func TestStampWraps(t *testing.T) {
	end := time.Unix(1<<32+epoch1900, 0)
	if got := stamp(end.Add(-time.Second)); got != 0xffffffff<<32 {
		t.Errorf("last second: %#x", got)
	}
	if got := stamp(end); got != 0 {
		t.Errorf("first second of the next era: %#x", got)
	}
}

func TestSteady(t *testing.T) {
	now := Steady(noon)
	first := now()
	if first.Before(noon) {
		t.Errorf("began at %v, before %v", first, noon)
	}
	if second := now(); second.Before(first) {
		t.Errorf("went back from %v to %v", first, second)
	}
}
