#!/bin/sh
# Builds riosim-dev/stage; wheels come from the host's pip, so that a proxy is the host's affair.
set -eu
here=$(dirname "$0")
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
cp "$here/Dockerfile" "$context/"
"${PYTHON:-python3}" -m pip wheel -q --no-deps -w "$context/wheels" \
    pyautogui python-xlib pillow pytweening six pyperclip
docker build --network host -t riosim-dev/stage "$context"
