#!/usr/bin/env bash
# Grantscope against software of others: oidc-provider, openid-client, jose and Chromium.
#
#   tests/interop/run.sh [WORDS]    runs the cases whose name contains WORDS, by default all
#
# GRANTSCOPE_BIN names the program under test; by default it is built. Chromium and a virtual display are
# installed with apt-get where they are missing and this is root; npm packages go to node_modules beside this file.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
target="$(realpath -m "${CARGO_TARGET_DIR:-$here/../../target}")"
export CARGO_TARGET_DIR="$target"
[ -z "${GRANTSCOPE_BIN:-}" ] || GRANTSCOPE_BIN="$(realpath "$GRANTSCOPE_BIN")"
cd "$here"

install_from_debian() {
  if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    echo "please install: $*" >&2
    exit 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "$@" > /dev/null
}

missing=()
command -v npm > /dev/null || missing+=(nodejs npm)
command -v openssl > /dev/null || missing+=(openssl)
command -v chromium > /dev/null || missing+=(chromium)
command -v Xvfb > /dev/null || missing+=(xvfb)
[ ${#missing[@]} = 0 ] || install_from_debian "${missing[@]}"

# npm leaves a copy of the lock file when it is done.
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
  npm ci --no-progress > /dev/null
fi

if [ -z "${GRANTSCOPE_BIN:-}" ]; then
  cargo build --locked --bin grantscope
  GRANTSCOPE_BIN="$target/debug/grantscope"
fi
export GRANTSCOPE_BIN INTEROP_PICTURES="$target/interop"
exec node_modules/node/bin/node main.mjs "$@"
