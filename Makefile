# flightrec: what a checkout can do. Needs Go, git and make.

PREFIX  ?= /usr/local
DESTDIR ?=
VERSION ?= $(shell git describe --tags --match "v[0-9]*" --always --dirty 2>/dev/null || echo dev)
OUTPUT  ?= bin/flightrec
JOURNAL ?= .run/journal
GOTEST  ?= go test

export CGO_ENABLED = 0
LDFLAGS = -s -w -X main.version=$(VERSION)
# Leaves out the manual generator of urfave/cli, with its Markdown parser, and HTTP/2:
# serve talks without TLS, and collectors know HTTP/1.1.
TAGS = urfave_cli_no_docs,nethttpomithttp2

# What the store brings along and hardly ever runs is built small, without inlining:
# that takes half a megabyte off the binary.
SMALL = $(foreach p,github.com/gogo/protobuf google.golang.org/protobuf github.com/prometheus github.com/getsentry \
	github.com/cockroachdb/errors github.com/cockroachdb/redact golang.org/x/text golang.org/x/net net vendor crypto math/big encoding/asn1 html/template text/template regexp mime encoding/json log flag os/exec github.com/urfave,-gcflags=$(p)/...=-l)

# What the binary is built for, as GOOS/GOARCH.
PLATFORMS = linux/386 linux/amd64 linux/arm linux/arm64 linux/riscv64 linux/mipsle linux/mips \
	darwin/arm64 windows/amd64 freebsd/amd64 openbsd/amd64 netbsd/amd64 dragonfly/amd64

# Runs a command that prints what "go test -v" does, and sums it up: a line for each
# package, what failed, what was skipped and why.
sum = { ($(1)); echo "ended $$?"; } 2>&1 | awk -f .ci/tests.awk

.PHONY: all build manual run quick test check vuln long race cross arch bench bench-report compare torture fuzz packages packages-test install uninstall clean

all: build manual

build:
	go build -trimpath -tags $(TAGS) -ldflags '$(LDFLAGS)' $(SMALL) -o $(OUTPUT) ./cmd/flightrec

# manual makes the manual page and the completions of bash, zsh and fish in bin/share.
manual:
	GOOS= GOARCH= go run -tags manual,$(TAGS) -ldflags '-X main.version=$(VERSION)' ./cmd/flightrec bin/share $$(git log -1 --format=%cs 2>/dev/null || date +%F)

# run records a flight into a journal of this checkout until Ctrl-C, and then
# prints the report.
run: build
	@echo "Recording into $(JOURNAL). Ctrl-C lands the flight and prints the report."
	@bin/flightrec record -d $(JOURNAL) & pid=$$!; \
	trap 'kill -TERM $$pid' INT TERM; \
	while kill -0 $$pid 2>/dev/null; do wait $$pid; code=$$?; done; \
	test $$code = 0 && bin/flightrec report -d $(JOURNAL)

# quick is for between two edits: the short forms of all but what drives disks and
# machines.
quick:
	@$(call sum,$(GOTEST) -v -short $$(go list ./... | grep -v -e /cmd/bench -e /cmd/torture$$ -e /torture/uml -e /torture/shapes))

# test is for before a commit: everything in its short form. What else CI does has
# targets of its own.
test: check
	@$(call sum,$(GOTEST) -v -short -timeout 20m ./...)
	@echo "not tried here: make long (ten minutes), race (gcc), cross, arch (qemu-user), vuln (network); .ci/run does all of it"

# check is what can be said without running anything.
check:
	@test -z "$$(gofmt -l .)" || { echo "not as gofmt has it:"; gofmt -l .; exit 1; }
	go vet ./...
	GOOS=js GOARCH=wasm go build ./reports/... ./ground
	go tool staticcheck ./...

# vuln asks whether anything here is known to be vulnerable. Where the database can't be
# reached, that is said and is no failure.
vuln:
	@out=$$(go tool govulncheck -tags $(TAGS) ./... 2>&1); case $$?:$$out in \
	0:*) echo "govulncheck: no known vulnerability is called" ;; \
	1:*"fetching vulnerabilities"*) echo "govulncheck: NOT RUN: $${out#govulncheck: }" ;; \
	*) echo "$$out"; exit 1 ;; \
	esac

# long runs the long forms of the tests that have them: of TestWorlds, 4,000 worlds.
long:
	@$(call sum,$(GOTEST) -v -timeout 30m ./journal/... ./ground/... ./reports/... ./cmd/flightrec ./cmd/torture/worlds)

# race runs what shares memory under the race detector, which needs gcc.
race:
	@$(call sum,CGO_ENABLED=1 $(GOTEST) -v -race -timeout 20m -run 'TestScripts/(two|verify)' ./cmd/flightrec)
	@$(call sum,CGO_ENABLED=1 $(GOTEST) -v -race -short -timeout 20m ./journal/... ./ground/... ./reports/... ./cmd/torture/worlds)

# cross builds for all platforms, and vets the product and its tests for the systems
# that can't be run here.
cross:
	@set -e; for p in $(PLATFORMS); do \
		echo "build $$p"; \
		GOOS=$${p%/*} GOARCH=$${p#*/} GOARM=6 go build -tags $(TAGS) -o /dev/null ./cmd/flightrec; \
		case $$p in linux/*) continue; esac; \
		echo "vet $$p"; \
		GOOS=$${p%/*} GOARCH=$${p#*/} go vet -tags $(TAGS) ./cmd/flightrec ./journal/... ./ground/... ./reports/...; \
	done

# arch runs the tests of the clocks and the journal for other processors, under
# qemu-user where this one can't run them, but for those that take minutes there. It
# says so if qemu is missing.
# Under qemu-user a program can't start itself anew, nor have a seccomp filter: what does
# runs on this processor and as 386.
SLOW = ^Test(ManyBoots|EveryFault|PowerCutAnywhere|Damage|HostileSizes)$$
ANEW = ^Test(Seccomp|ReadersLock)$$
ARCHES = 386: arm:qemu-arm arm64:qemu-aarch64 mips:qemu-mips mipsle:qemu-mipsel riscv64:qemu-riscv64
arch:
	@$(call sum,set -e; for a in $(ARCHES); do \
		run=$${a#*:}; skip='$(SLOW)'; [ -z "$$run" ] || skip="$$skip"'|$(ANEW)'; \
		if [ -n "$$run" ] && ! command -v $$run >/dev/null; then echo "--- SKIP: $${a%:*} needs $$run of Debian's qemu-user"; continue; fi; \
		echo "test linux/$${a%:*}"; \
		GOARCH=$${a%:*} GOARM=6 $(GOTEST) -v -short -timeout 10m -skip "$$skip" $${run:+-exec $$run} ./journal/...; \
	done)

# bench measures on loop devices what a heartbeat and a boot cost: in an hour and a
# half, as root. It leaves its results in .bench, and README's tables in
# .bench/tables.md. BENCH='-runs 1 -duration 1m' makes it short. bench-report
# measures reading.
BENCH ?=
bench: build
	mkdir -p .bench
	go build -o .bench/bench ./cmd/bench
	.bench/bench flash -recorder bin/flightrec -interval 10s $(BENCH) -o .bench/flash-10s.json & \
	.bench/bench flash -recorder bin/flightrec -interval default $(BENCH) -o .bench/flash-default.json && \
	wait $$!
	.bench/bench boot -recorder bin/flightrec -n 500 -o .bench/boot.json
	.bench/bench age -recorder bin/flightrec -o .bench/age.json
	.bench/bench wakeups -recorder bin/flightrec
	.bench/bench table .bench/flash-10s.json .bench/flash-default.json .bench/boot.json .bench/age.json > .bench/tables.md
	cat .bench/tables.md

bench-report: build
	go run ./cmd/bench report -recorder bin/flightrec

# compare boots a machine in User-Mode Linux four times, with flightrec and its peers
# side by side, and prints what each of them says of it. It takes ten minutes.
compare:
	$(GOTEST) -count=1 -v -timeout 30m -run 'TestPeers$$' ./cmd/torture/uml

# torture is the long form of what the tests do for seconds: power cuts on a disk
# that logs its writes, damage, crowds, random worlds and fuzzing. It takes some hours, as root.
torture: build
	go run ./cmd/torture powercut -recorder bin/flightrec -cuts 1000
	go run ./cmd/torture powercut -recorder bin/flightrec -cuts 1000 -fs xfs
	go run ./cmd/torture powercut -recorder bin/flightrec -cuts 1000 -fs ext4,commit=60 -sqlite 0
	FLIGHTREC_DAMAGE=6000 $(GOTEST) -timeout 60m -run 'TestDamage$$' -v ./journal/store
	FLIGHTREC_FAULTS=every $(GOTEST) -timeout 180m -run 'TestEveryFault$$' -v ./journal/store
	$(GOTEST) -timeout 20m -run 'TestCrowd$$|TestLife$$' -v ./cmd/flightrec -long
	FLIGHTREC_WORLDS=200000 $(GOTEST) -timeout 120m -run '^Test(Worlds|Kinds)$$' -v ./cmd/torture/worlds
	cmd/torture/qemu/story.sh bin/flightrec
	$(MAKE) packages-test CASES="reproducible foreign"
	$(MAKE) fuzz

FUZZTIME ?= 60s
fuzz:
	@set -e; for p in ./journal ./cmd/flightrec; do \
		for f in $$(go test -list '^Fuzz' $$p | grep ^Fuzz); do go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 2s $$p; done; \
	done

# packages fills dist/ with packages and tarballs; PLATFORMS=linux/arm64 for some alone.
# DragonFly has no rc.d script yet.
packages:
	cmd/flightrec/packaging/build.sh dist $(filter-out dragonfly/%,$(PLATFORMS))

# packages-test lets the packages of what is committed live in fresh roots of Debian,
# as root. CASES=foreign runs those of other processors instead.
packages-test:
	@cmd/flightrec/packaging/test/test.sh $(CASES)

# install copies what stands in bin, so that it needs no Go under sudo.
install:
	@[ -x bin/flightrec ] || $(MAKE) all
	PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) cmd/flightrec/packaging/install.sh --no-start

uninstall:
	PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) cmd/flightrec/packaging/install.sh --uninstall

clean:
	rm -rf bin dist .run .bench
