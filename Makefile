# The three commands: `make test` is quick and needs no root; `make prove` is long; `make torture` is ten times that.

GO      ?= go
TOOLS    = $(GO) tool -modfile=internal/tools/go.mod

.PHONY: test prove torture lint generate

test:
	CGO_ENABLED=$(shell command -v cc >/dev/null 2>&1 && echo 1 || echo 0) \
	$(GO) test $(shell command -v cc >/dev/null 2>&1 && echo -race) -shuffle=on ./...

prove:
	sh internal/prove.sh

torture:
	sh internal/prove.sh 10

lint:
	$(GO) vet ./...
	$(TOOLS) staticcheck ./...
	test -z "$$($(TOOLS) gofumpt -l . | tee /dev/stderr)"
	$(GO) mod tidy -diff

generate:
	$(GO) generate ./booking/api
