# The three commands: `make test` needs no root, but skips more without; `make prove` is long; `make torture` is ten times that.

GO      ?= go
TOOLS    = $(GO) tool -modfile=internal/tools/go.mod

.PHONY: test prove torture bench bench-calendar bench-ledger lint gosec sbom generate

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

# Durable bookings over HTTP against what SQLite and PostgreSQL commit by themselves: ratios, and an error below the floors.
bench-ledger:
	cd internal/bench/ledger && PASSERELLE_BENCH=1 $(GO) test -count=1 -timeout 10m

# Searches, memory, starts and refreshing over a country, each against what is measured beside it: one table, and an error below the floors.
bench:
	@sh internal/install.sh
	cd internal/bench/search && PASSERELLE_BENCH=1 $(GO) test -count=1 -timeout 20m

lint: gosec
	$(GO) vet ./...
	$(TOOLS) staticcheck ./...
	test -z "$$($(TOOLS) gofumpt -l . | tee /dev/stderr)"
	$(GO) mod tidy -diff

# What gosec is not asked, and why. All else stands where it is excused: #nosec RULE -- why; it asks for both.
# Rooms that only tests run start servers, name files and draw from seeds on purpose.
GOSEC_ROOMS  = internal connectorstest rdvsptest ledgertest volatiletest simulation
# cmd opens the files that its operator names; icalendar counts in 31 bits what lies in a text of 20 MiB at most.
GOSEC_EXCUSE = cmd/.*:G304;connectors/icalendar/.*:G115

gosec:
	$(TOOLS) gosec -quiet -terse -exclude-generated -nosec-require-rules -nosec-require-justification \
		$(GOSEC_ROOMS:%=-exclude-dir=%) -exclude-rules='$(GOSEC_EXCUSE)' ./...

# What the program is made of, in CycloneDX: the modules that are linked in, and Go's own library.
SBOM ?= .cache/passerelle.cdx.json

sbom:
	@mkdir -p "$(dir $(SBOM))"
	$(TOOLS) cyclonedx-gomod app -json -licenses -std -main cmd/passerelle -output "$(abspath $(SBOM))" .

generate:
	$(GO) generate ./booking/api
