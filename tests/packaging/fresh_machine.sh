#!/usr/bin/env bash
# Prove the README's two commands on a clean root file system that has only python3 and venv. Needs root and debootstrap.
#   tests/packaging/fresh_machine.sh [--root FOLDER] [--suite bookworm] [--only demo|test]
# FOLDER (default: a new temporary one) is made by debootstrap when it is empty and kept for the next time; the packages of a run are
# removed first, so every run starts clean. The committed state of this checkout is what is tested. pip finds its index inside as it
# does here: the settings, and the local folders that they name, come along for the run. Prints the seconds of every part.
set -euo pipefail
cd "$(dirname "$0")/../.."
checkout=$(pwd -P)
root=""
suite=bookworm
only=""
while [ $# -gt 0 ]; do
    case "$1" in
        --root) root=$2; shift 2 ;;
        --suite) suite=$2; shift 2 ;;
        --only) only=$2; shift 2 ;;
        *) echo "fresh_machine: unknown option '$1'; allowed: --root, --suite, --only." >&2; exit 2 ;;
    esac
done
[ "$(id -u)" = 0 ] || { echo "fresh_machine: chroot needs root; run it as root." >&2; exit 3; }
command -v debootstrap >/dev/null || { echo "fresh_machine: debootstrap is missing; apt-get install debootstrap." >&2; exit 3; }

[ -n "$root" ] || root=$(mktemp -d)/root
mkdir -p "$root"
if [ ! -x "$root/usr/bin/python3" ]; then
    debootstrap --variant=minbase --include=python3,python3-venv "$suite" "$root" >"$root.log" 2>&1 ||
        { echo "fresh_machine: debootstrap failed, see $root.log." >&2; exit 1; }
fi

mounted=()
leave() { for place in "${mounted[@]:-}"; do [ -z "$place" ] || umount "$place" || true; done; }
trap leave EXIT
attach() { # attach WHAT OPTIONS...: the same path inside, gone at the end
    mkdir -p "$root$1"
    mount "${@:2}" "$1" "$root$1"
    mounted=("$root$1" "${mounted[@]:-}")
}
attach /proc -t proc
attach /dev --bind
# What makes this machine reach its package index: names, certificates, pip's own settings and the folders that those name (the files of
# a local index stand beside its folder "simple").
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
mkdir -p "$root/etc/ssl"
cp -rL /etc/ssl/certs "$root/etc/ssl/" 2>/dev/null || true
for file in /etc/pip.conf "$HOME/.config/pip/pip.conf" "$HOME/.pip/pip.conf"; do
    if [ -f "$file" ]; then mkdir -p "$root$(dirname "$file")"; cp -L "$file" "$root$file"; fi
done
settings=()
while IFS= read -r line; do settings+=("$line"); done < <(env | grep -iE '^(pip_|(https?|no)_proxy|ssl_cert|requests_ca)' || true)
python3 -m pip config list 2>/dev/null | grep -oE "(file://)?/[^' ]+" | sed 's,^file://,,' | sed 's,/simple$,,' | sort -u | while IFS= read -r folder; do
    if [ -d "$folder" ]; then printf '%s\n' "$folder"; fi
done >"$root.folders"
while IFS= read -r folder; do attach "$folder" --bind -o ro; done <"$root.folders"

inside() { env -i HOME="$HOME" PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "${settings[@]:-FRESH=1}" chroot "$root" "$@"; }
inside apt-get -qq purge -y 'libx11-*' >/dev/null 2>&1 || true
inside apt-get -qq autoremove -y >/dev/null 2>&1 || true
rm -rf "$root/checkout" "$root$HOME/.cache" "$root/var/lib/apt/lists"
mkdir -p "$root/checkout" "$root/var/lib/apt/lists"
git archive HEAD | tar -x -C "$root/checkout"

! inside python3 -c 'import ctypes; ctypes.CDLL("libX11.so.6")' 2>/dev/null || { echo "fresh_machine: libX11 is there already." >&2; exit 1; }
echo "fresh_machine: $(inside sh -c '. /etc/os-release; echo "$PRETTY_NAME"'), $(inside python3 --version), commit $(git rev-parse --short HEAD)"

seconds() { # seconds NAME COMMAND...: run it and print how long it took
    local name=$1 start end
    shift
    start=$(date +%s.%N)
    "$@" </dev/null || { echo "fresh_machine: '$name' failed with exit code $?." >&2; exit 1; }
    end=$(date +%s.%N)
    printf 'fresh_machine: %-44s %8.1f s\n' "$name" "$(echo "$end $start" | awk '{print $1 - $2}')"
}
first_episode() { # the time from the demo's start to the first committed shard, watched from outside
    local out="$root/checkout/$1" start now
    start=$(date +%s.%N)
    inside sh -c 'cd /checkout && ./run demo' </dev/null &
    local demo=$!
    while kill -0 "$demo" 2>/dev/null && [ -z "$(find "$out" -name 'shard.json' -o -name 'manifest.json' 2>/dev/null | head -1)" ]; do
        sleep 0.05
    done
    now=$(date +%s.%N)
    wait "$demo" || { echo "fresh_machine: './run demo' failed." >&2; exit 1; }
    [ -n "$(find "$out" -name '*.mp4' -size +0 | head -1)" ] || { echo "fresh_machine: no picture under $1." >&2; exit 1; }
    printf 'fresh_machine: %-44s %8.1f s\n' "$2" "$(echo "$now $start" | awk '{print $1 - $2}')"
}
if [ "$only" != test ]; then
    seconds "environment ready (./run setup)" inside sh -c 'cd /checkout && ./run setup'
    first_episode runs/demo "first episode on disk, cold kernels"
    first_episode runs/demo-2 "first episode on disk, warm"
fi
if [ "$only" != demo ]; then
    seconds "./run test" inside sh -c 'cd /checkout && ./run test'
fi
echo "fresh_machine: both README commands succeed."
