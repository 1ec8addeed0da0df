#!/usr/bin/env bash
# Make what stands in for the image python:3.13-slim, which no package archive has: Debian 13 with its own Python 3.13
# as `python`, in podman's storage below ./var/containers.
set -euo pipefail
cd "$(dirname "$0")/.."
name=docker.io/library/python:3.13-slim
storage=var/containers
podman() { command podman --root "$PWD/$storage/root" --runroot "$PWD/$storage/run" "$@"; }

mkdir -p "$storage"
exec 9>"$storage/lock"
flock 9
if podman image exists "$name"; then exit 0; fi
echo "Making $name of Debian's packages"
debian() {
  mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,ca-certificates \
    --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --customize-hook='ln -s /usr/bin/python3 "$1/usr/local/bin/python"' \
    --format=tar trixie -
}
debian | podman import --quiet \
  --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' - "$name" >/dev/null
