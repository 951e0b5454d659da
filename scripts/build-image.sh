#!/usr/bin/env bash
# Build the container image: scripts/build-image.sh [--without-registry] [NAME]
#
# NAME is dvcwatch:dev when not given. Docker or Podman is used, whichever is there (ENGINE=podman chooses).
# pip's own configuration of this machine (mirrors, folders of wheels, certificates) is lent to the build and does not
# stay in the image; Docker cannot lend folders to a build, so there only pip's defaults work.
#
# --without-registry: neither an engine's daemon nor an image registry is at hand. The base image is made with
# debootstrap from this machine's apt mirror, and Podman builds in a chroot. Needs root and
# `apt-get install --no-install-recommends podman buildah debootstrap`.
set -euo pipefail
cd "$(dirname "$0")/.."

release=bookworm
registry=yes
if [[ ${1-} == --without-registry ]]; then
    registry=no
    shift
fi
name=${1:-dvcwatch:dev}
python=$([[ -x .venv/bin/python ]] && echo .venv/bin/python || echo python3)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

find_engine() {
    local engine
    for engine in ${ENGINE:-docker podman}; do
        if command -v "$engine" >/dev/null; then
            echo "$engine"
            return
        fi
    done
    echo "build-image: neither docker nor podman is installed; see the head of scripts/build-image.sh" >&2
    exit 1
}

# Writes pip's settings into one file, and prints the flags that lend it and every folder it names to the build.
lend_pip() {
    "$python" -m pip config list | "$python" -c '
import ast, os, re, sys
settings, folders = {}, []
for line in sys.stdin:
    key, _, value = line.strip().partition("=")
    settings[key.rpartition(".")[2]] = ast.literal_eval(value)
certificates = settings.pop("cert", None)
for key in ("find-links", "index-url", "extra-index-url"):
    for place in str(settings.get(key, "")).split():
        path = re.sub("^file://", "", place)
        if key != "find-links":  # the pages of an index point to files beside it
            path = os.path.dirname(path.rstrip("/"))
        folders += [path] if os.path.isabs(path) and os.path.isdir(path) else []
with open(sys.argv[1], "w", encoding="utf-8") as file:
    print("[global]", file=file)
    for key, value in settings.items():
        print(key, "=", str(value).replace("\n", "\n    "), file=file)
flags = [f"--volume={sys.argv[1]}:/run/build/pip.conf:ro", "--build-arg=PIP_CONFIG_FILE=/run/build/pip.conf"]
flags += [f"--volume={folder}:{folder}:ro" for folder in dict.fromkeys(folders)]
if certificates:
    flags += [f"--volume={certificates}:/run/build/ca.pem:ro", "--build-arg=PIP_CERT=/run/build/ca.pem"]
print(*flags, sep="\n")
' "$work/pip.conf"
}

make_base() {
    local mirror
    mirror=$(apt-get indextargets --format '$(REPO_URI)' "Codename: $release" | sort -u | head -n 1)
    podman --storage-driver vfs image exists "debian:$release-slim" && return
    debootstrap --variant=minbase "$release" "$work/root" "$mirror"
    (cd "$work/root" && rm -rf var/lib/apt/lists/* var/cache/apt/archives/*.deb)
    tar -C "$work/root" -c . | podman --storage-driver vfs import - "debian:$release-slim"
}

# The stage that installs is built first, with what pip was lent; the image itself then finds that stage in the cache and
# never sees the folders, not even as empty mount points. Docker's format, because OCI's has no place for HEALTHCHECK.
build_with_podman() {
    local flags=("$@") lent
    mapfile -t lent < <(lend_pip)
    podman "${flags[@]}" --format docker --target build --tag "$name-build" "${lent[@]}" .
    mapfile -t lent < <(printf '%s\n' "${lent[@]}" | grep '^--build-arg=')
    podman "${flags[@]}" --format docker --tag "$name" "${lent[@]}" .
}

if [[ $registry == no ]]; then
    make_base
    build_with_podman --storage-driver vfs build --isolation chroot --network host
elif [[ $(find_engine) == podman ]]; then
    build_with_podman build
else
    docker build --tag "$name" .
fi
echo "built $name"
