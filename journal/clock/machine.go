package clock

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Identify says which machine this is, and which boot of it.
func Identify() Identity {
	id := identify()
	if id.Boot != "" && id.BootOrigin == BootOriginUnknown && runtime.GOOS != "linux" {
		id.BootOrigin = BootOriginKernel // no other system lays one over it
	}
	id.OS = runtime.GOOS + "/" + runtime.GOARCH
	// An error leaves the name empty, as Identity promises.
	id.Host, _ = os.Hostname()
	return id
}

// app is flightrec's application ID (sd_id128_get_machine_app_specific(3)). It is part
// of the journal's format: with another one every machine would get another ID.
var app = uuid{
	0x6c, 0x1f, 0x0e, 0x93, 0x5b, 0x7a, 0x4d, 0x28,
	0x9e, 0x44, 0xf1, 0x07, 0xc2, 0x38, 0xba, 0x65,
}

// appID returns the HMAC-SHA256 of app and text, keyed with secret, as a UUID of version
// 4: an ID for flightrec alone, which doesn't disclose the secret (machine-id(5) asks
// for that). The text tells apart boards with the same secret, as with a copied card.
func appID(secret uuid, text string) string {
	mac := hmac.New(sha256.New, secret[:])
	mac.Write(app[:])
	mac.Write([]byte(text))
	return uuid(mac.Sum(nil)[:16]).random().String()
}

// hardwareID makes an ID for flightrec's use alone from a board's serial number;
// empty without one. Whoever knows the serial number can tell that it is this one.
func hardwareID(serial string) string {
	if !isSerial(serial) {
		return ""
	}
	return appID(app, "hardware "+serial)
}

// isSerial reports whether text can be a serial number: firmware that has none fills
// in zeros, or words that are alike on all boards.
func isSerial(text string) bool {
	if strings.Trim(text, "0 .-_xX") == "" || strings.Trim(text, "fF") == "" {
		return false
	}
	switch strings.ToLower(text) {
	case "none", "unknown", "not specified", "not available", "n/a", "default string", "system serial number",
		"to be filled by o.e.m.", "123456789", "0123456789", "1234567890":
		return false
	}
	return true
}

// uuid is a UUID's 16 bytes.
type uuid [16]byte

// String returns the usual form, with hyphens.
func (u uuid) String() string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// random returns u with the bits that mark a random UUID (version 4).
func (u uuid) random() uuid {
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return u
}

// parseUUID reads a UUID with or without hyphens, as /etc/machine-id has it. It
// refuses all else, "uninitialized" and the all-zero UUID among it.
func parseUUID(text string) (u uuid, ok bool) {
	digits := strings.ReplaceAll(strings.TrimSpace(text), "-", "")
	b, err := hex.DecodeString(digits)
	if err != nil || len(b) != len(u) {
		return u, false
	}
	u = uuid(b)
	return u, u != uuid{}
}
