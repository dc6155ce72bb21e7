#!/bin/sh
# Installs what the tests ask for second opinions, where that is possible: npm packages, in .cache. Without them the
# tests that need them skip (and CI fails).
set -eu
cd "$(dirname "$0")/.."
# The lines that the demo prints are tried with curl.
if ! command -v curl >/dev/null 2>&1 && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	apt-get update -qq && apt-get install -y -qq curl >/dev/null || echo "curl is not installed: one test will skip"
fi
packages="opening_hours@3.15.0 ical.js@2.2.1"
mkdir -p .cache/npm
if [ "$(cat .cache/npm/installed 2>/dev/null)" = "$packages" ] || ! command -v npm >/dev/null 2>&1; then
	exit 0
fi
echo "installing $packages in .cache/npm"
# shellcheck disable=SC2086 # a list of packages
if (cd .cache/npm && npm install --silent --no-audit --no-fund --no-save $packages >/dev/null 2>&1); then
	echo "$packages" >.cache/npm/installed
else
	echo "not installed: the tests that need them will skip"
fi
