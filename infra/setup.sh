#!/bin/sh
# Makes a virtual environment from pinned, hashed requirements: setup.sh PYTHON VENV FILE NAME [-r FILE]…
# The files name every package, so pip resolves nothing (--no-deps).
set -eu
python="$1" venv="$2" file="$3" name="$4"
shift 4
if [ -z "$python" ] || ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Python 3.11 or newer is needed: install it, or say where it is: make setup PYTHON=…" >&2
    exit 1
fi
echo "· Installing $name into $venv …"
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
log="$venv/setup.log"
if ! "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$file" "$@" >"$log" 2>&1; then
    tail -20 "$log" >&2
    echo "Installing from $file failed. Check the network, then run make setup again." >&2
    exit 1
fi
touch "$venv/.done"
