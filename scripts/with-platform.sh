#!/usr/bin/env bash
# Runs a command beside a platform of its own, on free ports and in a folder that is removed afterwards.
#
#   scripts/with-platform.sh COMMAND [ARGUMENT...]
#
# The command finds TRUNKLINE_URL and TRUNKLINE_TOKEN (an owner token) in its environment. TRUNKLINE_BIN names the binary;
# with SAMPLE=1 the platform loads its sample. When the command fails, the end of the platform's log is shown.
set -euo pipefail

binary=${TRUNKLINE_BIN:?TRUNKLINE_BIN must name the trunkline binary}
folder=$(mktemp -d)
log=$folder/platform.log
server=

stop() {
  local code=$?
  if [ -n "$server" ]; then
    kill -TERM "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  if [ "$code" -ne 0 ] && [ -f "$log" ]; then
    echo "--- the end of the platform's log" >&2
    tail -n 40 "$log" >&2
  fi
  rm -rf "$folder"
  exit "$code"
}
trap stop EXIT
trap 'exit 130' INT TERM

# Free ports of the loopback address, asked for at once so that they differ.
read -r api gateway mqtt tls pgwire http grpc < <(node -e '
  const net = require("node:net");
  const servers = [0, 0, 0, 0, 0, 0, 0].map(() => net.createServer().listen(0, "127.0.0.1"));
  Promise.all(servers.map((s) => new Promise((done) => s.on("listening", () => done(s.address().port)))))
    .then((ports) => { console.log(ports.join(" ")); servers.forEach((s) => s.close()); });')

export TRUNKLINE__API__LISTEN=127.0.0.1:$api
export TRUNKLINE__GATEWAY__LISTEN=127.0.0.1:$gateway
export TRUNKLINE__MQTT__LISTEN=127.0.0.1:$mqtt
export TRUNKLINE__MQTT__TLS_LISTEN=127.0.0.1:$tls
export TRUNKLINE__PGWIRE__LISTEN=127.0.0.1:$pgwire
export TRUNKLINE__OTLP__LISTEN=127.0.0.1:$http
export TRUNKLINE__OTLP__GRPC_LISTEN=127.0.0.1:$grpc
arguments=(up --data-dir "$folder/data")
[ "${SAMPLE:-0}" = 1 ] && arguments+=(--sample)
"$binary" "${arguments[@]}" >"$log" 2>&1 &
server=$!

export TRUNKLINE_URL=http://127.0.0.1:$api
curl --silent --show-error --output /dev/null --fail --retry 60 --retry-delay 1 --retry-all-errors --max-time 60 \
  "$TRUNKLINE_URL/readyz" 2>>"$log" || { echo "the platform did not become ready" >&2; exit 1; }
TRUNKLINE_TOKEN=$("$binary" token create --name with-platform --scope owner --data-dir "$folder/data")
export TRUNKLINE_TOKEN
export TRUNKLINE_DATA_DIR=$folder/data

"$@"
