#!/usr/bin/env bash
# Runs the benches of the rooms that were built into FOLDER/examples and prints their figures.
#
#   scripts/bench.sh FOLDER
#
# Ratios are taken in one run on one machine; absolute figures of two machines say nothing about the code.
set -euo pipefail

folder=${1:?usage: scripts/bench.sh FOLDER}
echo "# $(nproc) cores, $(awk -F ': ' '/model name/ { print $2; exit }' /proc/cpuinfo), $(uname -sr)"
found=0
for bench in "$folder"/examples/*; do
  # Cargo leaves a copy with a hash in its name beside each one, and .d files.
  case "$bench" in *.d | *-[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]*) continue ;; esac
  [ -x "$bench" ] || continue
  found=$((found + 1))
  echo
  echo "## ${bench##*/}"
  "$bench"
done
[ "$found" -gt 0 ] || { echo "no bench was built into $folder/examples" >&2; exit 1; }
