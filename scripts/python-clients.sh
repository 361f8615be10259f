#!/usr/bin/env bash
# Makes the virtual environment with the real Python clients of the system tests, and prints its interpreter.
#
#   scripts/python-clients.sh FOLDER [REQUIREMENTS]
#
# Made again only when the requirements change (those of the system tests, unless others are named).
set -euo pipefail

folder=${1:?usage: scripts/python-clients.sh FOLDER [REQUIREMENTS]}
wanted=${2:-$(dirname "$0")/../tests/system/requirements.txt}
stamp=$folder/requirements.txt

if ! cmp -s "$wanted" "$stamp"; then
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --requirement "$wanted" >&2
  cp "$wanted" "$stamp"
fi
echo "$folder/bin/python"
