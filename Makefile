# The three commands: `make test` is quick and needs no root; `make prove` is long; `make torture` is ten times that.

GO      ?= go
TOOLS    = $(GO) tool -modfile=internal/tools/go.mod
FUZZTIME ?= 60s

.PHONY: test prove torture lint generate fuzz

test:
	CGO_ENABLED=$(shell command -v cc >/dev/null 2>&1 && echo 1 || echo 0) \
	$(GO) test $(shell command -v cc >/dev/null 2>&1 && echo -race) -shuffle=on ./...

# Every fuzz target of the tree, one after the other.
prove:
	sh internal/prove.sh $(FUZZTIME)

torture:
	sh internal/prove.sh 600s

lint:
	$(GO) vet ./...
	$(TOOLS) staticcheck ./...
	test -z "$$($(TOOLS) gofumpt -l . | tee /dev/stderr)"
	$(GO) mod tidy -diff

generate:
	$(GO) generate ./booking/api
