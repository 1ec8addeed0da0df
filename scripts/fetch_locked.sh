#!/usr/bin/env bash
# Install the npm packages that a lock file of the tests names: fetch_locked.sh FOLDER_OF_THE_LOCK_FILE TARGET, both
# below the project. npm checks each package against the sum in the lock file.
set -euo pipefail
cd "$(dirname "$0")/.."
locked=$1
folder=$2
work=
trap 'rm -rf "$work"' EXIT

if cmp --silent "$locked/package-lock.json" "$folder/package-lock.json"; then exit 0; fi
if ! command -v npm >/dev/null; then
  echo "The tests run what $locked/package.json names, which npm fetches. Install the Debian package npm first" >&2
  exit 1
fi
echo "Fetching what $locked/package-lock.json names"
mkdir -p "${folder%/*}"
work=$(mktemp -d "${folder%/*}/XXXXXX")
cp "$locked/package.json" "$locked/package-lock.json" "$work"
(cd "$work" && npm ci --loglevel=error --ignore-scripts --no-audit --no-fund)
rm -rf "$folder"
mv -T "$work" "$folder" # in one step: an unfinished one is never taken for whole
