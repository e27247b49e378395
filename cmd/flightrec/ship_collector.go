package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"flightrec/journal/clock"

	"github.com/urfave/cli/v2"
)

const (
	shipTry    = 2 * time.Minute // for a request and its answer
	shipAnswer = 1 << 20         // bytes of an answer that are read
	shipText   = 300             // bytes of a refusal that are told
)

// errTooLarge is the error of a request that has too many lines for the collector.
var errTooLarge = errors.New("too large")

// laterError is an error that may not be one later.
type laterError struct {
	error
	after time.Duration // how long the collector asks to wait
}

func (e laterError) Unwrap() error { return e.error }

// A collector takes lines by HTTP.
type collector struct {
	url       *url.URL
	user      string // whose password the token is; "" for a bearer token
	name      string // what it is called in messages: without query and user, where secrets may stand
	tokenFile string // "" without a token
	client    *http.Client
	now       func() clock.Reading
}

// newCollector returns the collector that the flags name.
func newCollector(c *cli.Context) (*collector, error) {
	text := c.String("to")
	if text == "" {
		return nil, usagef("--to URL is missing")
	}
	to, err := url.Parse(text)
	if err != nil || to.Scheme != "http" && to.Scheme != "https" || to.Host == "" {
		return nil, usagef("--to: not a URL of http or https") // it may hold a secret
	}
	if _, has := to.User.Password(); has {
		return nil, usagef("--to: a password in a URL can be read by all; put it into a --token-file")
	}
	k := &collector{user: to.User.Username(), tokenFile: c.String("token-file"), now: new(clock.Clock).Now}
	to.User = nil
	k.url, k.name = to, to.Scheme+"://"+to.Host+to.Path
	if folder := os.Getenv("CREDENTIALS_DIRECTORY"); folder != "" && k.tokenFile == "" { // systemd.exec(5)
		if file := filepath.Join(folder, "token"); !missing(file) {
			k.tokenFile = file
		}
	}
	if _, err := k.token(); err != nil {
		return nil, err
	}
	roots, err := certificates(c.String("ca"))
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	// A redirect would turn a POST into a GET, or take the token elsewhere.
	refuse := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	k.client = &http.Client{Transport: transport, Timeout: shipTry, CheckRedirect: refuse}
	return k, nil
}

// missing reports whether there is no such file.
func missing(name string) bool {
	_, err := os.Stat(name)
	return errors.Is(err, fs.ErrNotExist)
}

// certificates returns those in a file, nil for the system's.
func certificates(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading --ca: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("reading --ca %s: no certificate in PEM", file)
	}
	return roots, nil
}

// token returns what says who posts, or "". It is read anew each time: it may change.
func (k *collector) token() (string, error) {
	if k.tokenFile == "" {
		return "", nil
	}
	text, err := os.ReadFile(k.tokenFile)
	if err != nil {
		return "", fmt.Errorf("reading token: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if token == "" || strings.ContainsAny(token, "\r\n") {
		return "", fmt.Errorf("reading token %s: not one line", k.tokenFile)
	}
	return token, nil
}

// post posts what write writes, packed by gzip. It is taken if the error is nil: the answer
// was 2xx, and came whole.
func (k *collector) post(ctx context.Context, write func(io.Writer) error) error {
	var body bytes.Buffer
	packed := gzip.NewWriter(&body)
	if err := cmp.Or(write(packed), packed.Close()); err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, k.url.String(), bytes.NewReader(body.Bytes()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-ndjson")
	request.Header.Set("Content-Encoding", "gzip")
	request.Header.Set("User-Agent", "flightrec/"+versionText())
	token, err := k.token()
	switch {
	case err != nil:
		return err
	case k.user != "":
		request.SetBasicAuth(k.user, token)
	case token != "":
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := k.client.Do(request)
	if err != nil {
		return k.unreached(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, shipAnswer))
	if answer.StatusCode/100 != 2 {
		return k.refused(answer, text)
	}
	if err != nil {
		return laterError{fmt.Errorf("shipping to %s: its answer broke off: %w", k.name, err), 0}
	}
	return nil
}

// unreached says why no answer came.
func (k *collector) unreached(err error) error {
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		err = wrapped.Err // it names the URL, in which secrets may stand
	}
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) && invalid.Reason == x509.Expired {
		if r := k.now(); r.Sync != clock.SyncSynced {
			return laterError{fmt.Errorf("waiting for the time to ship to %s: certificates can't be checked before this clock is set, it says %s: %w",
				k.name, r.Wall.UTC().Format(time.DateOnly), err), 0}
		}
		return laterError{fmt.Errorf("shipping to %s: %w", k.name, err), 0}
	}
	failed := fmt.Errorf("shipping to %s: %w", k.name, err)
	switch {
	case errors.As(err, new(*tls.CertificateVerificationError)):
		return hintError{failed, "Whose certificates to trust is said by --ca FILE, else by the system (package ca-certificates)."}
	case errors.As(err, new(tls.RecordHeaderError)):
		return hintError{failed, "Is it http:// and not https://?"}
	}
	return laterError{failed, 0}
}

// refused says why an answer isn't 2xx.
func (k *collector) refused(answer *http.Response, text []byte) error {
	said := strings.TrimSpace(string(text[:min(len(text), shipText)]))
	if said != "" {
		said = ": " + said
	}
	err := fmt.Errorf("shipping to %s: %s%s", k.name, answer.Status, said)
	switch code := answer.StatusCode; {
	case code == http.StatusRequestEntityTooLarge:
		return errTooLarge
	case code/100 == 3:
		return hintError{fmt.Errorf("shipping to %s: %s, a redirect, which isn't followed", k.name, answer.Status), "Name where it leads with --to URL: " + answer.Header.Get("Location")}
	case code/100 == 5, code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests:
		return laterError{err, min(retryAfter(answer.Header.Get("Retry-After"), k.now().Wall), shipLateBy)}
	}
	return err
}

// retryAfter returns how long a Retry-After asks to wait (RFC 9110, section 10.2.3):
// seconds, or a date.
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if t, err := http.ParseTime(text); err == nil {
		return t.Sub(now)
	}
	return 0
}
