#!/bin/sh
# Long runs: every fuzz target of the tree (what reads calendars and hours the longest), then everything under the race
# detector in another order. Usage: sh internal/prove.sh [TIMES], where 10 makes everything ten times as long.
set -eu
times=${1:-1}
cd "$(dirname "$0")/.."

for package in $(go list ./...); do
	case $package in
	*/icalendar | */hours) seconds=60 ;;
	*) seconds=20 ;;
	esac
	for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		echo "== fuzz $package $target $((seconds * times))s"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$((seconds * times))s" "$package"
	done
done
PASSERELLE_PROVE=1 go test -race -shuffle=on -count="$times" ./...
