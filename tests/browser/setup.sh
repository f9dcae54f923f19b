#!/bin/sh
# Get what the browser tests need: a browser, fonts for 猫 and 🐱, exiftool, and two npm packages.
# Does nothing where they are there, and says what is missing where they cannot be got.
set -u
here=$(cd "$(dirname "$0")" && pwd)

browser() {
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable microsoft-edge; do
        [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 && return 0
    done
    return 1
}

wanted=""
browser || wanted="chromium"
command -v exiftool >/dev/null 2>&1 || wanted="$wanted libimage-exiftool-perl"
if command -v fc-list >/dev/null 2>&1; then
    fc-list :lang=zh family 2>/dev/null | grep -q . || wanted="$wanted fonts-noto-cjk"
    fc-list 2>/dev/null | grep -qi emoji || wanted="$wanted fonts-noto-color-emoji"
fi
if [ -n "$wanted" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "installing:$wanted"
        # shellcheck disable=SC2086
        { apt-get update -qq && apt-get install -qq -y --no-install-recommends $wanted; } >/dev/null
    else
        echo "not here: $wanted. Tests that need them are skipped. To get them, on Debian:"
        echo "  sudo apt-get install $wanted"
    fi
fi

if command -v npm >/dev/null 2>&1; then
    [ -d "$here/node_modules/axe-core" ] || npm --prefix "$here" install --no-audit --no-fund --silent
else
    echo "npm is not here: the accessibility tests are skipped."
fi
exit 0
