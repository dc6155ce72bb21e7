#!/bin/sh
# Compares this project's reader of calendars with go-ical + rrule-go and with libical (C), on two feeds: text to the
# occurrences of the year 2026. The programs run in turn, several rounds; the medians and their ratios are printed.
# Usage: sh run.sh [ROUNDS [SECONDS]]   (of each program in each round)
set -eu
rounds=${1:-5}
seconds=${2:-1}
cd "$(dirname "$0")"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

script=../../../../shared/tools/make-feeds.py
if [ -f "$script" ] && command -v python3 >/dev/null; then
	script=$(cd "$(dirname "$script")" && pwd)/make-feeds.py
	(cd "$out" && python3 "$script" >/dev/null)
else
	go run ./feeds "$out"
fi

go build -o "$out/ours" ./ours
go build -o "$out/go-ical" ./goical
peers="go-ical"

# libical is compared where it can be had.
has_libical() { command -v cc >/dev/null && echo '#include <libical/ical.h>' | cc -E - >/dev/null 2>&1; }
if ! has_libical && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	{ apt-get update && apt-get install -y --no-install-recommends libical-dev; } >"$out/apt.log" 2>&1 || true
fi
if has_libical; then
	cc -O2 -o "$out/libical" libical/main.c -lical
	peers="$peers libical"
else
	echo "libical-dev is not here: libical is not compared" >&2
fi

median() { sort -n | awk '{a[NR] = $1} END {print a[int((NR + 1) / 2)]}'; }

for feed in 732KB:gen1000.ics 10.6MB:gen10mb.ics; do
	size=${feed%%:*} file=$out/${feed#*:}
	round=0
	while [ "$round" -lt "$rounds" ]; do
		for program in ours $peers; do
			"$out/$program" "$file" "$seconds" >"$out/answer"
			read -r ms found <"$out/answer"
			echo "$ms" >>"$out/$program.$size"
			echo "$found" >"$out/$program.$size.found"
		done
		round=$((round + 1))
	done
	ours=$(median <"$out/ours.$size")
	echo "calendar $size ours $ours ms, $(cat "$out/ours.$size.found") occurrences"
	for peer in $peers; do
		theirs=$(median <"$out/$peer.$size")
		echo "calendar $size $peer $theirs ms, $(cat "$out/$peer.$size.found") occurrences"
		echo "calendar $size ours/$peer $(awk "BEGIN {printf \"%.1f\", $theirs / $ours}")"
	done
done
