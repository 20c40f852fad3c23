#!/usr/bin/env bash
# Build the image without a registry of images and without a daemon, out of Debian 12's packages:
#   deploy/image/build.sh [TAG]          default: localhost/landfall:latest
# Needs root and Debian's packages buildah and mmdebstrap. The storage is below ~/.cache, unless STORAGE says another
# folder; `buildah --root STORAGE/storage --runroot STORAGE/run push TAG …` takes the image from there to a registry.
# Debian's python3.11 is 3.11.2, the official image's is the newest 3.11: with Docker or podman, and Docker Hub, the same
# Dockerfile serves as it is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

tag=${1:-localhost/landfall:latest}
storage=${STORAGE:-${XDG_CACHE_HOME:-$HOME/.cache}/landfall-image}
base=localhost/landfall-base:bookworm

if ((EUID != 0)); then
    echo "image: building takes root (or use Docker or podman: docker build .)" >&2
    exit 2
fi
for tool in buildah mmdebstrap; do
    if ! command -v "$tool" >/dev/null; then
        echo "image: $tool is missing: apt-get install --no-install-recommends buildah mmdebstrap" >&2
        exit 2
    fi
done

export STORAGE_DRIVER=overlay BUILDAH_ISOLATION=chroot
store=(--root "$storage/storage" --runroot "$storage/run")
mkdir -p "$storage"

if [[ ! -e $storage/base.tar ]]; then
    # the sources of this machine, mirrors and proxies included, for Debian 12 alone
    mirror=$(sed -n 's/^URIs: //p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -1)
    [[ -n $mirror ]] || mirror=$(awk '$1 == "deb" {print $2; exit}' /etc/apt/sources.list)
    echo "deb $mirror bookworm main" >"$storage/sources.list"
    mmdebstrap --quiet --format=tar --variant=minbase --mode=root \
        --include=python3.11,python3.11-venv,ca-certificates \
        --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        bookworm "$storage/base.tar.part" "$storage/sources.list"
    mv "$storage/base.tar.part" "$storage/base.tar"
fi
container=$(buildah "${store[@]}" from scratch)
buildah "${store[@]}" add --quiet "$container" "$storage/base.tar" / >/dev/null
buildah "${store[@]}" run "$container" -- ln -sf python3.11 /usr/bin/python
buildah "${store[@]}" commit --quiet --rm "$container" "$base" >/dev/null

# the certificates of this machine are mounted for the build alone: pip may need them, the image keeps its own
buildah "${store[@]}" build --quiet --pull-never --format docker --build-arg BASE="$base" \
    --build-arg REVISION="$(git rev-parse HEAD 2>/dev/null || echo unknown)" \
    --volume /etc/ssl/certs:/etc/ssl/certs:ro --tag "$tag" --file Dockerfile . >/dev/null
buildah "${store[@]}" images --format '{{.Name}}:{{.Tag}} {{.Size}}' "$tag"
