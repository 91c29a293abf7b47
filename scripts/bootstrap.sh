#!/bin/sh
# Set up the virtual environment: sh scripts/bootstrap.sh VENV [dev]
# The first python3.11 or newer on the PATH makes it; versions are those of constraints.txt.
set -eu
venv=$1
extra=${2:-}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

if [ ! -x "$venv/bin/python" ] || ! new_enough "$venv/bin/python"; then
    python=
    for name in python3.11 python3.12 python3.13 python3.14 python3 python; do
        if command -v "$name" >/dev/null 2>&1 && new_enough "$name"; then
            python=$name
            break
        fi
    done
    if [ -z "$python" ]; then
        echo "oncohort needs Python 3.11 or newer, and none was found on the PATH." >&2
        echo "Install it (Debian, Ubuntu: apt install python3 python3-venv; macOS, Windows: python.org)." >&2
        exit 1
    fi
    if ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
        echo "$python has no venv module, which makes the project's own environment." >&2
        echo "Install it (Debian, Ubuntu: apt install python3-venv), then try again." >&2
        exit 1
    fi
    echo "Setting up $venv with $("$python" --version) ..." >&2
    rm -rf "$venv"
    "$python" -m venv "$venv"
fi

what=.
[ -z "$extra" ] || what=".[$extra]"
echo "Installing oncohort${extra:+ with its $extra tools} ..." >&2
if ! "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -c constraints.txt -e "$what"; then
    echo "The installation failed; the lines above say why." >&2
    exit 1
fi
# Where Python is told to write no bytecode, each start would compile the whole package anew.
"$venv/bin/python" -m compileall -q src/oncohort >/dev/null 2>&1 || true
rm -f "$venv"/.set-up-${extra:+$extra-}[0-9]*
