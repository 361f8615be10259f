#!/usr/bin/env bash
# Makes sure that the programs are there that a build or a test run needs.
#
#   scripts/system-packages.sh build   what `make run` needs
#   scripts/system-packages.sh test    that, and the real clients of the system tests
#   scripts/system-packages.sh bench   that, and the peers of the benches
#
# As root on Debian or Ubuntu it installs what is missing; elsewhere it names it in one line and fails.
set -euo pipefail

# Each line: a command that proves the package is there, then the package.
build_needs() {
  echo "command -v cc:build-essential"
  echo "command -v git:git"
  echo "command -v curl:curl"
}

test_needs() {
  build_needs
  echo "command -v chromium:chromium"
  echo "command -v git-lfs:git-lfs"
  echo "test -x /usr/sbin/mosquitto:mosquitto"
  echo "command -v mosquitto_rr:mosquitto-clients"
  echo "command -v prometheus:prometheus"
  echo "command -v openssl:openssl"
  echo "command -v pebble:pebble"
  echo "command -v psql:postgresql-client"
  echo "python3 -c 'import venv, ensurepip':python3-venv"
}

bench_needs() {
  test_needs
  echo "command -v nginx:nginx-light"
  echo "test -e /usr/lib/nginx/modules/ngx_http_lua_module.so:libnginx-mod-http-lua"
  echo "ls /usr/lib/*/lua/5.1/cjson.so:lua-cjson"
  echo "command -v haproxy:haproxy"
  echo "command -v wrk:wrk"
}

missing_packages() {
  local line
  "${1}_needs" | while IFS= read -r line; do
    sh -c "${line%:*}" >/dev/null 2>&1 || echo "${line##*:}"
  done
}

# What no Debian package gives in the version that is needed.
toolchains() {
  command -v cargo >/dev/null || echo "Rust 1.95 or newer (rustup.rs)"
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "Node 20.19 or newer with npm (nodejs.org)"
  elif ! node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)'; then
    echo "Node 20.19 or newer; this is $(node --version)"
  fi
}

case "${1:-}" in
  build | test | bench) ;;
  *)
    echo "usage: $0 build|test|bench" >&2
    exit 2
    ;;
esac

lacking=$(toolchains)
if [ -n "$lacking" ]; then
  echo "missing: ${lacking//$'\n'/, }" >&2
  exit 1
fi

mapfile -t packages < <(missing_packages "$1")
[ "${#packages[@]}" -eq 0 ] && exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "missing: ${packages[*]} (on Debian: sudo apt-get install ${packages[*]})" >&2
  exit 1
fi
echo "installing ${packages[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
# The servers among them are for the tests to start: as services they would take the ports of the platform.
if [ ! -e /usr/sbin/policy-rc.d ]; then
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
  chmod 755 /usr/sbin/policy-rc.d
fi
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
