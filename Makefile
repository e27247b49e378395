# flightrec: what a checkout can do. Needs Go, git and make.

PREFIX  ?= /usr/local
DESTDIR ?=
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
JOURNAL ?= .run/journal
GOTEST  ?= go test

export CGO_ENABLED = 0
LDFLAGS = -s -w -X main.version=$(VERSION)
# Leaves out the manual generator of urfave/cli, with its Markdown parser.
TAGS = urfave_cli_no_docs

# What the binary is built for, as GOOS/GOARCH.
PLATFORMS = linux/386 linux/amd64 linux/arm linux/arm64 linux/riscv64 linux/mipsle \
	darwin/arm64 windows/amd64 freebsd/amd64 openbsd/amd64 netbsd/amd64

.PHONY: all build run test check race cross install uninstall clean

all: build

build:
	go build -trimpath -tags $(TAGS) -ldflags '$(LDFLAGS)' -o bin/flightrec ./cmd/flightrec

# run records a flight into a journal of this checkout until Ctrl-C, and then
# prints the report.
run: build
	@echo "Recording into $(JOURNAL). Ctrl-C lands the flight and prints the report."
	@bin/flightrec record -d $(JOURNAL) & pid=$$!; \
	trap 'kill -TERM $$pid' INT TERM; \
	while kill -0 $$pid 2>/dev/null; do wait $$pid; code=$$?; done; \
	test $$code = 0 && bin/flightrec report -d $(JOURNAL)

test: check
	$(GOTEST) -timeout 20m ./...
	$(MAKE) race cross

# check is what can be said without running anything.
check:
	@test -z "$$(gofmt -l .)" || { echo "not as gofmt has it:"; gofmt -l .; exit 1; }
	go vet ./...
	go tool staticcheck ./...

race:
	CGO_ENABLED=1 $(GOTEST) -race -short -timeout 20m ./journal ./journal/recorder ./ground ./reports ./cmd/flightrec

cross:
	@set -e; for p in $(PLATFORMS); do \
		echo "build $$p"; \
		GOOS=$${p%/*} GOARCH=$${p#*/} GOARM=6 go build -tags $(TAGS) -o /dev/null ./cmd/flightrec; \
	done

install: build
	install -D -m 0755 bin/flightrec $(DESTDIR)$(PREFIX)/bin/flightrec
	sed 's|@PREFIX@|$(PREFIX)|g' cmd/flightrec/systemd/flightrec.service > bin/flightrec.service
	install -D -m 0644 bin/flightrec.service $(DESTDIR)$(PREFIX)/lib/systemd/system/flightrec.service
	install -D -m 0644 cmd/flightrec/systemd/sysusers.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/flightrec.conf

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/flightrec $(DESTDIR)$(PREFIX)/lib/systemd/system/flightrec.service \
		$(DESTDIR)$(PREFIX)/lib/sysusers.d/flightrec.conf

clean:
	rm -rf bin .run .bench
