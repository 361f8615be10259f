#!/usr/bin/env bash
# Installs the task runners that the benches compare with, and prints the folder with them.
#
#   scripts/npm-peers.sh FOLDER
#
# Made again only when tests/bench/peers/package.json changes. Their scripts do not run: the benches start their programs directly.
set -euo pipefail

folder=${1:?usage: scripts/npm-peers.sh FOLDER}
wanted=$(dirname "$0")/../tests/bench/peers/package.json
stamp=$folder/installed.json

if ! cmp -s "$wanted" "$stamp"; then
  rm -rf "$folder"
  mkdir -p "$folder"
  cp "$wanted" "$folder/package.json"
  npm install --prefix "$folder" --ignore-scripts --no-audit --no-fund >&2
  # npm gives no right to run what a package does not name as its program.
  chmod +x "$folder"/node_modules/@moonrepo/core-*/moon "$folder"/node_modules/@turbo/*/bin/turbo
  cp "$wanted" "$stamp"
fi
echo "$folder/node_modules"
