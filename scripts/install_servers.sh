#!/usr/bin/env bash
# Install the Debian packages that the tests start servers from; where that is not allowed, name them and fail.
set -euo pipefail

missing=()
need() { # PACKAGE PROGRAM...: the package, unless one of the programs is there
  local package=$1 program
  shift
  for program in "$@"; do
    if compgen -G "$program" >/dev/null; then return; fi
  done
  missing+=("$package")
}

need postgresql '/usr/lib/postgresql/*/bin/initdb'
need mariadb-server /usr/sbin/mariadbd /usr/libexec/mariadbd
need redis-server /usr/bin/redis-server
need pgbouncer /usr/sbin/pgbouncer
need galera-4 /usr/lib/galera/libgalera_smm.so
need rsync /usr/bin/rsync
need nginx /usr/sbin/nginx
need systemd /usr/bin/systemd-analyze
need podman /usr/bin/podman
need mmdebstrap /usr/bin/mmdebstrap
need wrk /usr/bin/wrk
need chromium /usr/bin/chromium
need prometheus /usr/bin/prometheus
need xmlsec1 /usr/bin/xmlsec1
need groff-base /usr/bin/groff
if ! command -v npm >/dev/null; then need npm /usr/bin/npm; fi

if ((${#missing[@]} == 0)); then exit 0; fi
if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
  echo "The tests start real servers. Install these Debian packages first: ${missing[*]}" >&2
  exit 1
fi
echo "Installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
# The tests start servers of their own: keep the packages from starting theirs.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
