#!/bin/sh
# Long runs: every fuzz target of the tree (what reads calendars and hours the longest), then the tests that have a size, at
# the one that their issue names; make test has run the others. Usage: sh internal/prove.sh [TIMES], where 10 makes
# everything ten times as long. The race detector watches all but what computes alone (the readers of calendars and hours,
# the directory, the simulation), the 20,000 calls of the API's fuzzer, for which make test has it, and internal/prove, whose figures are
# attempts and kills against the program as it is built.
set -eu
times=${1:-1}
cd "$(dirname "$0")/.."

out=$(mktemp)
trap 'rm -f "$out"' EXIT

# Before 1.27, Go's fuzzing may end its time with "context deadline exceeded" although nothing was found
# (go.dev/issue/75804): what failed so, and wrote no input, runs again.
fuzz() {
	for try in 1 2 3; do
		if go test -run '^$' -fuzz "^$2\$" -fuzztime "$3s" -fuzzminimizetime 200x "$1" >"$out" 2>&1; then
			tail -n 1 "$out"
			return
		fi
		grep -q 'context deadline exceeded' "$out" && ! grep -q 'Failing input written' "$out" || break
		echo "the time ended badly, without an input (try $try)"
	done
	cat "$out"
	return 1
}

for package in $(go list ./...); do
	case $package in
	*/icalendar | */hours) seconds=10 ;;
	*) seconds=2 ;;
	esac
	# Read off the files: go test -list would build every test of the tree for it.
	for target in $(cat "./${package#*/}"/*_test.go 2>/dev/null | sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(f \*testing\.F).*/\1/p'); do
		echo "== fuzz $package $target $((seconds * times))s"
		fuzz "$package" "$target" "$((seconds * times))"
	done
done
export PASSERELLE_PROVE="$times"
echo "== prove"
alone='/connectors/icalendar$|/booking/hours$|/booking/directory$|/booking/simulation$|/booking/api$'
sized=$(go list -test -f '{{$p := .ImportPath}}{{range .Deps}}{{if eq . "passerelle/internal/prove"}}{{$p}}{{"\n"}}{{end}}{{end}}' ./... | sed -n 's/\.test$//p')
# shellcheck disable=SC2046 # lists of packages
go test -race -shuffle=on -timeout "$((30 * times))m" $(echo "$sized" | grep -v /internal/prove/ | grep -vE "$alone")
# shellcheck disable=SC2046
go test -shuffle=on -timeout "$((30 * times))m" $(echo "$sized" | grep -E "$alone")
# What make test has opened in a browser is opened again, in more views, by the longest runs only.
[ "$times" -gt 1 ] || sized=$(echo "$sized" | grep -v '/internal/prove/pages$')
# Most wait for a server that has one thread, or for the program to start again: two at a time. What measures how long callers
# wait has the machine to itself.
measures='/internal/prove/(neighbours|overload)$'
# shellcheck disable=SC2046
go test -shuffle=on -p 2 -timeout "$((30 * times))m" $(echo "$sized" | grep /internal/prove/ | grep -vE "$measures")
# shellcheck disable=SC2046
go test -shuffle=on -p 1 -timeout "$((30 * times))m" $(echo "$sized" | grep -E "$measures")
