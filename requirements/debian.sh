#!/bin/bash
# Chromium and PostgreSQL for the tests, from Debian's packages, where there is none.
set -euo pipefail

missing=()
command -v chromium > /dev/null || missing+=(chromium)
compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null || command -v initdb > /dev/null ||
    missing+=(postgresql)
[ ${#missing[@]} = 0 ] && exit

if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    echo "The tests need ${missing[*]}. Install it as root: apt install ${missing[*]}" >&2
    exit 1
fi
echo "Installing ${missing[*]}"
apt-get update -qq < /dev/null
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
    "${missing[@]}" fonts-liberation < /dev/null > /dev/null
