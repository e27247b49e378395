package sntp

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/beevik/ntp"
)

// packet is an NTP packet.
type packet [48]byte

// stamp writes t as an NTP time stamp at an offset of the packet.
func (p *packet) stamp(at int, t time.Time) {
	const since1900 = 2_208_988_800
	binary.BigEndian.PutUint32(p[at:], uint32(t.Unix()+since1900))
	binary.BigEndian.PutUint32(p[at+4:], uint32(uint64(t.Nanosecond())<<32/1e9))
}

// reply is how a good server, ahead of us by offset, answers a request.
func reply(request packet, offset time.Duration) *packet {
	now := time.Now().Add(offset)
	p := &packet{0: 4<<3 | 4, 1: 2, 2: 6, 3: 0xec}
	binary.BigEndian.PutUint32(p[8:], 1<<16/100) // root dispersion: 10 ms
	p.stamp(16, now.Add(-time.Minute))
	copy(p[24:32], request[40:48])
	p.stamp(32, now)
	p.stamp(40, now)
	return p
}

// serve runs a server on the loopback interface until the test ends, and returns
// its address. It sends what answer makes of a request; nil is silence.
func serve(t *testing.T, answer func(request packet) *packet) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { conn.Close(); <-done })
	go func() {
		defer close(done)
		for {
			var request packet
			_, from, err := conn.ReadFrom(request[:])
			if err != nil {
				return
			}
			if p := answer(request); p != nil {
				conn.WriteTo(p[:], from)
			}
		}
	}()
	return conn.LocalAddr().String()
}

func TestServers(t *testing.T) {
	const year = 365 * 24 * time.Hour
	tests := []struct {
		name   string
		answer func(packet) *packet
		offset time.Duration
		err    error  // what the answer's error is
		text   string // what it says
	}{
		{"valid", func(r packet) *packet { return reply(r, 250*time.Millisecond) }, 250 * time.Millisecond, nil, ""},
		{"we are in 1970", func(r packet) *packet { return reply(r, 56*year) }, 56 * year, nil, ""},
		{"kiss-o'-death", func(r packet) *packet {
			p := reply(r, 0)
			p[1] = 0
			copy(p[12:16], "RATE")
			return p
		}, 0, ntp.ErrKissOfDeath, "RATE"},
		{"unsynchronised", func(r packet) *packet {
			p := reply(r, 0)
			p[0] |= 3 << 6
			return p
		}, 0, ntp.ErrInvalidLeapSecond, ""},
		{"stratum 16", func(r packet) *packet {
			p := reply(r, 0)
			p[1] = 16
			return p
		}, 0, ntp.ErrInvalidStratum, ""},
		{"huge root dispersion", func(r packet) *packet {
			p := reply(r, 0)
			binary.BigEndian.PutUint32(p[8:], 3<<16)
			return p
		}, 0, nil, "root distance"},
		{"beyond all bounds", func(r packet) *packet {
			p := reply(r, 0)
			binary.BigEndian.PutUint32(p[8:], 30<<16)
			return p
		}, 0, ntp.ErrInvalidDispersion, ""},
		{"not to our question", func(r packet) *packet {
			p := reply(r, 0)
			p[24]++
			return p
		}, 0, ntp.ErrServerResponseMismatch, ""},
		{"an answer before the question", func(r packet) *packet {
			p := reply(r, 0)
			p.stamp(40, time.Now().Add(time.Second))
			return p
		}, 0, errEarly, ""},
		{"lost its reference two days ago", func(r packet) *packet {
			p := reply(r, 0)
			p.stamp(16, time.Now().Add(-48*time.Hour))
			return p
		}, 0, ntp.ErrServerClockFreshness, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel() // a mismatch takes all of the timeout
			host := serve(t, tt.answer)
			a := new(Prober).ask(t.Context(), &server{host: host})
			if tt.err != nil || tt.text != "" {
				if !errors.Is(a.Err, tt.err) && tt.err != nil || !strings.Contains(a.Err.Error(), tt.text) {
					t.Errorf("error %v, want %v %q", a.Err, tt.err, tt.text)
				}
				if a.Offset != 0 || a.MaxError != 0 || !strings.Contains(a.Err.Error(), host) {
					t.Errorf("a bad answer: %+v", a)
				}
				return
			}
			if a.Err != nil || (a.Offset-tt.offset).Abs() > a.MaxError {
				t.Errorf("answer %+v, want offset %v", a, tt.offset)
			}
		})
	}
}

// A server that never answers is left when its time is up, or when the context
// ends, and then that is no answer.
func TestSilentServer(t *testing.T) {
	silent := serve(t, func(packet) *packet { return nil })
	_, err := exchange(t.Context(), silent, 20*time.Millisecond)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("error %v, want a timeout", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	host := serve(t, func(packet) *packet {
		cancel()
		return nil
	})
	p := Prober{Hosts: []string{host}}
	p.Run(ctx, nil, func(a Answer) { t.Errorf("answer %+v from a silent server", a) })
}

// Datagrams that aren't the answer, before it, don't keep it away.
func TestAnswerBehindOthers(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go func() {
		var request packet
		_, from, err := conn.ReadFrom(request[:])
		if err != nil {
			return
		}
		other := reply(request, time.Hour)
		other[24]++
		question := *reply(request, time.Hour)
		question[0] = 4<<3 | 3
		for _, p := range [][]byte{nil, []byte("hello"), other[:], question[:], reply(request, time.Minute)[:]} {
			conn.WriteTo(p, from)
		}
	}()
	a := new(Prober).ask(t.Context(), &server{host: conn.LocalAddr().String()})
	if a.Err != nil || (a.Offset-time.Minute).Abs() > a.MaxError {
		t.Errorf("answer %+v, want the one that is a minute ahead", a)
	}
}

func TestNoServer(t *testing.T) {
	for _, host := range []string{"", "[::1", "127.0.0.1:99999", "127.0.0.1:1"} {
		a := new(Prober).ask(t.Context(), &server{host: host})
		if a.Err == nil {
			t.Errorf("host %q: answer %+v", host, a)
		}
	}
}

func TestRunAgainstServer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	host := serve(t, func(r packet) *packet { return reply(r, time.Hour) })
	var answers []Answer
	p := Prober{Hosts: []string{host}}
	p.Run(ctx, nil, func(a Answer) {
		answers = append(answers, a)
		cancel()
	})
	if len(answers) != 1 || answers[0].Err != nil || (answers[0].Offset-time.Hour).Abs() > answers[0].MaxError {
		t.Errorf("answers %+v, want one that is an hour ahead", answers)
	}
}
