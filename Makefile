# The three commands: `make test` is quick and needs no root; `make prove` is long; `make torture` is ten times that.

GO      ?= go
TOOLS    = $(GO) tool -modfile=internal/tools/go.mod

.PHONY: test prove torture bench-calendar lint generate

# What the tests need besides Go: a C compiler for the race detector, npm for second opinions. Each is used where it is.
RACE = $(shell command -v cc >/dev/null 2>&1 && echo -race)
export PASSERELLE_OPENING_HOURS ?= $(CURDIR)/.cache/npm
export PASSERELLE_ICALJS        ?= $(CURDIR)/.cache/npm

test:
	@sh internal/install.sh
	$(GO) test $(RACE) -shuffle=on ./...

prove:
	@sh internal/install.sh
	sh internal/prove.sh

torture:
	@sh internal/install.sh
	sh internal/prove.sh 10

# Our reader of calendars against go-ical with rrule-go, and libical: medians of interleaved rounds, and their ratios.
bench-calendar:
	sh internal/bench/calendar/run.sh

lint:
	$(GO) vet ./...
	$(TOOLS) staticcheck ./...
	test -z "$$($(TOOLS) gofumpt -l . | tee /dev/stderr)"
	$(GO) mod tidy -diff

generate:
	$(GO) generate ./booking/api
