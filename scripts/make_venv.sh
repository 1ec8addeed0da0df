#!/usr/bin/env bash
# Make the virtual environment $1 with what requirements-dev.lock pins, and this project in it.
# PYTHON names the interpreter; otherwise the first one from 3.11 on is taken.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$1

recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
  local candidate
  for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
    if recent "$candidate"; then echo "$candidate"; return; fi
  done
  echo "Python 3.11 or newer is needed, and none was found: install one, or name it: make PYTHON=/path/to/python3" >&2
  return 1
}

if ! recent "$venv/bin/python"; then
  python=$(find_python)
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "$python cannot make virtual environments: apt-get install python$version-venv" >&2
    exit 1
  fi
  echo "Making $venv with $("$python" --version)"
  "$python" -m venv --clear "$venv"
fi

echo "Installing what requirements-dev.lock pins"
pip=("$venv/bin/python" -m pip --disable-pip-version-check --quiet)
"${pip[@]}" install --require-hashes -r requirements-dev.lock
# setuptools warns of each editable installation, whatever is in it.
PYTHONWARNINGS="ignore:Editable installation" "${pip[@]}" install --no-deps --no-build-isolation --editable .
