#!/usr/bin/env bash
# Install Corbado's SDK for Node, which the tests call as it is, into ./var/sdks. npm checks each package against
# the sum in the lock file. (The one for Python is in requirements.lock.)
set -euo pipefail
cd "$(dirname "$0")/.."
locked=tests/sdks/node
folder=var/sdks/node
work=
trap 'rm -rf "$work"' EXIT

if cmp --silent "$locked/package-lock.json" "$folder/package-lock.json"; then exit 0; fi
if ! command -v npm >/dev/null; then
  echo "The tests call Corbado's SDK for Node, which npm fetches. Install the Debian package npm first" >&2
  exit 1
fi
echo "Fetching what $locked/package-lock.json names"
mkdir -p "${folder%/*}"
work=$(mktemp -d "${folder%/*}/XXXXXX")
cp "$locked/package.json" "$locked/package-lock.json" "$work"
(cd "$work" && npm ci --loglevel=error --ignore-scripts --no-audit --no-fund)
rm -rf "$folder"
mv -T "$work" "$folder" # in one step: an unfinished one is never taken for whole
