#!/bin/sh
# Long runs: every fuzz target of the tree for the time given, then the race detector over everything twice, in
# another order each time. Usage: sh internal/prove.sh 60s
set -eu
fuzztime=${1:-60s}
cd "$(dirname "$0")/.."

for package in $(go list ./...); do
	for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		echo "== fuzz $package $target $fuzztime"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$fuzztime" "$package"
	done
done
go test -race -shuffle=on -count=2 ./...
