#!/bin/sh
# Installs what the tests ask for second opinions and the servers that they start, where that is possible: Debian's
# packages as root, npm packages in .cache. Without them the tests that need them skip (and CI fails).
set -eu
cd "$(dirname "$0")/.."

# The servers are for the tests to start, each its own: no service of the system is to run. A policy that refuses it
# already, as in a container, is left as it is.
policy=/usr/sbin/policy-rc.d
without_services() {
	if [ -e "$policy" ]; then
		"$@"
		return
	fi
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
	trap 'rm -f "$policy"' EXIT
	trap 'exit 1' HUP INT TERM # which ends in the line above
	status=0
	"$@" || status=$?
	rm -f "$policy"
	trap - EXIT HUP INT TERM
	return "$status"
}

# curl tries the lines that the demo prints; wrk asks as fast as it can; strace counts what the ledger asks the disk; systemd reads the unit.
missing=
command -v curl >/dev/null 2>&1 || missing="$missing curl"
command -v strace >/dev/null 2>&1 || missing="$missing strace"
command -v systemd-analyze >/dev/null 2>&1 || missing="$missing systemd"
command -v wrk >/dev/null 2>&1 || missing="$missing wrk"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
command -v postgres >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing="$missing postgresql"
command -v radicale >/dev/null 2>&1 || missing="$missing radicale"
command -v xandikos >/dev/null 2>&1 || missing="$missing xandikos"
php -r 'exit(extension_loaded("pdo_sqlite") && stream_resolve_include_path("Sabre/autoload.php") ? 0 : 1);' >/dev/null 2>&1 ||
	missing="$missing php-cli php-sqlite3 php-sabre-dav"
# SOGo is the largest of the servers, with GNUstep and memcached: 20 packages, 75 MB, less than half a minute.
idle=
if [ ! -x /usr/sbin/sogod ]; then
	missing="$missing sogo" idle=sogo
	command -v memcached >/dev/null 2>&1 || idle="$idle memcached"
fi
if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo "installing$missing"
	export DEBIAN_FRONTEND=noninteractive
	# shellcheck disable=SC2086 # a list of packages
	{ apt-get update -qq && without_services apt-get install -y -qq --no-install-recommends $missing; } >/dev/null ||
		echo "not installed: the tests that need them will skip"
	# shellcheck disable=SC2086 # a list of services, which would start with the machine
	[ -z "$idle" ] || systemctl disable --quiet $idle >/dev/null 2>&1 || true
fi

# npm's are locked with all that is under them, each with its sum (npm ci). None of their scripts runs.
lock=internal/judges/package-lock.json
if cmp -s "$lock" .cache/npm/installed || ! command -v npm >/dev/null 2>&1; then
	exit 0
fi
echo "installing the packages of internal/judges in .cache/npm"
mkdir -p .cache/npm
cp internal/judges/package.json "$lock" internal/judges/.npmrc .cache/npm
if (cd .cache/npm && npm ci --silent >/dev/null 2>&1); then
	cp "$lock" .cache/npm/installed
else
	echo "not installed: the tests that need them will skip"
fi
