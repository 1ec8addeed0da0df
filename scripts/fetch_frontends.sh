#!/usr/bin/env bash
# Fetch the original's frontend packages, which the browser tests serve as they are, into ./var/frontends.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=var/frontends
work=
trap 'rm -rf "$work"' EXIT

fetch() { # NAME VERSION SHA512: from npm's registry, unless that version is there already
  local name=$1 version=$2 sum=$3 target=$folder/$1-$2
  if [[ -d $target ]]; then return; fi
  if ! command -v npm >/dev/null; then
    echo "The browser tests serve @teamhanko/$name $version, which npm fetches. Install the Debian package npm first" >&2
    exit 1
  fi
  echo "Fetching @teamhanko/$name $version"
  mkdir -p "$folder"
  work=$(mktemp -d "$folder/XXXXXX")
  (cd "$work" && npm pack --silent --ignore-scripts "@teamhanko/$name@$version" >/dev/null)
  echo "$sum  $work/teamhanko-$name-$version.tgz" | sha512sum --check --quiet
  tar -xzf "$work/teamhanko-$name-$version.tgz" -C "$work"
  mv -T "$work/package" "$target" # in one step: an unfinished one is never taken for whole
  rm -r "$work"
}

fetch hanko-elements 0.12.0 \
  0ccb3fe06183a1f57be6db343602ccafff90c5ae3a71f447b95ab304b94fd88787a309f67f4ef344f1289814c9c11b6f2b4bfc97d75f73560a6f6f36e7a5433a
fetch hanko-frontend-sdk 0.12.0 \
  c33dba045297aac84090aad69989a141fdea4149b0538b388e05696730a189bc016b6994b4a386fd47eca9676155d1720b209d710c55e7afae80ccfbb855f0d8
