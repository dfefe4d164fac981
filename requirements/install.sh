#!/bin/bash
# install.sh LEVEL STAMPS: bring requirements/LEVEL.txt into .venv and note it in STAMPS.
set -euo pipefail
level=$1 stamps=$2

stop() {
    echo "$1" >&2
    exit 1
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null
}

find_python() {
    local name
    for name in ${PYTHON:-python3 python3.11 python3.12 python3.13}; do
        if new_enough "$name"; then
            echo "$name"
            return
        fi
    done
    stop "Muster needs Python 3.11 or newer, and found none. Install it, or name it: PYTHON=/path/to/python3 make install"
}

# Debian leaves ensurepip out of python3 and has it in python3-venv.
make_venv() {
    local python=$1
    rm -rf .venv
    if "$python" -c 'import ensurepip' 2> /dev/null; then
        "$python" -m venv .venv
    elif "$python" -m pip --version > /dev/null 2>&1; then
        "$python" -m venv --without-pip .venv
        "$python" -m pip --python .venv/bin/python install --quiet pip
    elif [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
        apt-get update -qq < /dev/null
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y python3-venv < /dev/null > /dev/null
        "$python" -m venv .venv
    else
        stop "This Python makes no virtual environments. Install the package python3-venv, then try again."
    fi
}

[ -w . ] || stop "No write access to $PWD: Muster keeps .venv here."
if ! new_enough .venv/bin/python; then
    python=$(find_python)
    echo "Building .venv"
    make_venv "$python"
fi
if ! .venv/bin/uv --version > /dev/null 2>&1; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check \
        --require-hashes --requirement requirements/uv.txt
fi

echo "Installing requirements/$level.txt"
.venv/bin/uv pip install --quiet --python .venv/bin/python \
    --require-hashes --requirement "requirements/$level.txt"

# What was installed from other lock files may have been replaced: their stamps go.
mkdir -p "$stamps"
find .venv/stamps -mindepth 1 -maxdepth 1 ! -path "$stamps" -exec rm -r {} +
touch "$stamps/$level"
