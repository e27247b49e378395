//go:build unix

package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// backDump is what a machine says that crashed, was down for an hour, and is back. Its
// name would break out of what it is put into.
func backDump(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "back.jsonl")
	text := dumpLine("pi", 0, 2, "lost") + dumpLine("pi", 3, 1, "aloft")
	text = strings.ReplaceAll(text, `"host":"pi"`, `"host":"pi\"\nBcc: all@example.org\u0007"`)
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// toldBy hands what status says to one of the examples.
func toldBy(t *testing.T, status []string, script string, env ...string) {
	t.Helper()
	cmd := exec.Command("sh", append([]string{"-c", `told=$1; shift; "$@" | "$told"`, "-", examples + script, program, "status", "--json"}, status...)...)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
}

func TestToldWebhook(t *testing.T) {
	needs(t, "jq", "curl")
	bodies := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies <- r.Method + " " + r.URL.Path + " " + string(body)
	}))
	defer server.Close()
	toldBy(t, []string{backDump(t)}, "told-webhook", "WEBHOOK_URL="+server.URL+"/topic")
	const want = `POST /topic pi"?Bcc: all@example.org? is back: down for 3600 s, 2026-01-01T02:00:00Z to 2026-01-01T03:00:00Z, crash` + "\n"
	if got := <-bodies; got != want {
		t.Errorf("got %q, want %q", got, want)
	}

	// As the unit does it: a recorder takes off, and its time becomes known.
	dir := filepath.Join(t.TempDir(), "journal")
	record := exec.Command(program, "record", "-d", dir, "-i", "0.1", "--clock", "trust")
	if err := record.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { record.Process.Kill(); record.Wait() }()
	becomes(t, "a journal", func() bool { return exec.Command(program, "status", "-d", dir).Run() == nil })
	toldBy(t, []string{"--wait", "1m", "-d", dir}, "told-webhook", "WEBHOOK_URL="+server.URL)
	if got := <-bodies; !strings.HasSuffix(got, " is up, and was never down before\n") {
		t.Errorf("got %q", got)
	}
}

func TestToldMail(t *testing.T) {
	needs(t, "jq")
	dir := t.TempDir()
	sendmail := filepath.Join(dir, "sendmail")
	if err := os.WriteFile(sendmail, []byte("#!/bin/sh\ncat >"+dir+"/mail\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	toldBy(t, []string{backDump(t)}, "told-mail", "MAIL_TO=me@example.org", "SENDMAIL="+sendmail)
	mail, err := os.ReadFile(filepath.Join(dir, "mail"))
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(string(mail), "\n\n")
	if head != "To: me@example.org\nSubject: pi\"?Bcc: all@example.org? is back\nContent-Type: text/plain; charset=utf-8" {
		t.Errorf("head\n%s", head)
	}
	if !strings.Contains(body, "down from 2026-01-01T02:00:00Z to 2026-01-01T03:00:00Z, 3600 s: crash\n") {
		t.Errorf("body\n%s", body)
	}
}

// A real mosquitto gets what Home Assistant needs to find the machine, and keeps it.
func TestToldMQTT(t *testing.T) {
	needs(t, "jq", "mosquitto_pub", "mosquitto_sub")
	broker, err := exec.LookPath("mosquitto")
	if err != nil {
		broker = "/usr/sbin/mosquitto"
	}
	if _, err := os.Stat(broker); err != nil {
		t.Skip("needs mosquitto of Debian's mosquitto")
	}
	port := freePort(t)
	mosquitto := exec.Command(broker, "-p", port) // without a configuration: on loopback alone
	if err := mosquitto.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { mosquitto.Process.Kill(); mosquitto.Wait() }()
	becomes(t, "a broker", func() bool {
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	toldBy(t, []string{backDump(t)}, "told-mqtt", "MQTT_OPTIONS=-h 127.0.0.1 -p "+port)
	out, err := exec.Command("mosquitto_sub", "-h", "127.0.0.1", "-p", port, "-t", "#", "-C", "5", "-W", "30", "-v").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got := map[string]map[string]any{}
	for line := range strings.Lines(string(out)) {
		topic, payload, _ := strings.Cut(line, " ")
		var object map[string]any
		if err := json.Unmarshal([]byte(payload), &object); err != nil {
			t.Errorf("%s: %v", topic, err)
		}
		got[topic] = object
	}
	status := got["flightrec/flightrec_pi/status"]
	if down, ok := status["last_downtime"].(map[string]any); !ok || down["cause"] != "crash" || down["duration_seconds"] != 3600.0 {
		t.Errorf("status is %v", status)
	}
	for topic, class := range map[string]any{"sensor/flightrec_pi/boot_time": "timestamp", "sensor/flightrec_pi/last_downtime": "duration", "sensor/flightrec_pi/crashes": nil, "binary_sensor/flightrec_pi/problem": "problem"} {
		config := got["homeassistant/"+topic+"/config"]
		if config == nil || config["device_class"] != class || config["state_topic"] != "flightrec/flightrec_pi/status" || config["unique_id"] == nil {
			t.Errorf("%s is %v", topic, config)
		}
	}
}
