#!/bin/sh
# Get what the tests need beside Python: a browser, fonts for 猫 and 🐱, exiftool, the languages that
# snippets are run in, and two npm packages. Does nothing where they are there, and says what is
# missing where they cannot be got.
set -u
browser_tests=$(cd "$(dirname "$0")" && pwd)/browser

have() { command -v "$1" >/dev/null 2>&1; }

browser() {
    for name in "${CHROMIUM:-}" chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable microsoft-edge; do
        [ -n "$name" ] && have "$name" && return 0
    done
    return 1
}

wanted=""
want() { wanted="$wanted $*"; }

# Debian's chromium without windows takes a third less of the processor than with them.
shell() { apt-cache show chromium-headless-shell 2>/dev/null | grep -q .; }
if [ -z "${CHROMIUM:-}" ] && ! have chromium-headless-shell; then
    if [ "$(id -u)" = 0 ] && shell; then want chromium-headless-shell; else browser || want chromium; fi
fi
have exiftool || want libimage-exiftool-perl
if have fc-list; then
    fc-list :lang=zh family 2>/dev/null | grep -q . || want fonts-noto-cjk
    fc-list 2>/dev/null | grep -qi emoji || want fonts-noto-color-emoji
fi

have node || want nodejs npm
have javac || want default-jdk-headless
echo '#include <curl/curl.h>' | cc -E - >/dev/null 2>&1 || want gcc libc6-dev libcurl4-openssl-dev
{ have php && php -r 'exit((int) !function_exists("curl_init"));'; } || want php-cli php-curl
have ruby || want ruby
have go || want golang-go
{ have Rscript && Rscript -e 'library(httr)' >/dev/null 2>&1; } || want r-base-core r-cran-httr
{ have ocamlfind && ocamlfind query cohttp-lwt-unix base64 >/dev/null 2>&1; } ||
    want ocaml-nox ocaml-findlib libcohttp-lwt-unix-ocaml-dev libbase64-ocaml-dev
{ have mcs && have mono; } || want mono-mcs mono-runtime libmono-system-net-http4.0-cil

if [ -n "$wanted" ]; then
    if [ "$(id -u)" = 0 ] && have apt-get; then
        echo "installing:$wanted"
        # shellcheck disable=SC2086
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
            apt-get install -qq -y --no-install-recommends $wanted; } >/dev/null 2>&1 ||
            echo "apt-get could not install all of:$wanted"
    else
        echo "not here:$wanted. Tests that need them are skipped. To get them, on Debian:"
        echo "  sudo apt-get install$wanted"
    fi
fi

if ! have npm; then
    echo "npm is not here: the accessibility tests are skipped."
elif [ ! -d "$browser_tests/node_modules/axe-core" ]; then
    npm --prefix "$browser_tests" install --no-audit --no-fund --silent ||
        echo "npm could not install axe-core and typescript: the tests that need them are skipped." \
            "To see why: npm --prefix tests/browser install"
fi
exit 0
