#!/bin/sh
# Installs what the tests ask for second opinions, where that is possible: npm packages, in .cache. Without them the
# tests that need them skip (and CI fails).
set -eu
cd "$(dirname "$0")/.."
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
