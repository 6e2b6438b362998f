#!/usr/bin/env bash
# Grantscope against software of others: oidc-provider, Canaille, Keycloak, openid-client, Spring Security, jose, Chromium
# and what else the cases name.
#
#   tests/interop/run.sh [WORDS]    runs the cases whose name contains WORDS, by default all
#
# GRANTSCOPE_BIN names the program under test; by default it is built. Chromium, a virtual display, Java, Maven and Python
# are installed with apt-get where they are missing and this is root; npm packages go to node_modules beside this file,
# Canaille and tools of Python (PyPI), Keycloak and Spring Security (Maven Central) to the target folder. One that cannot be had fails its cases.
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
command -v javac > /dev/null || missing+=(openjdk-17-jdk-headless)
command -v go > /dev/null || missing+=(golang-go)
command -v mcs > /dev/null || missing+=(mono-mcs mono-runtime libmono-system-net-http4.0-cil)
command -v mvn > /dev/null || missing+=(maven)
python3 -c "import ensurepip" 2> /dev/null || missing+=(python3-venv)
[ ${#missing[@]} = 0 ] || install_from_debian "${missing[@]}"

# npm leaves a copy of the lock file when it is done.
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
  npm ci --no-progress > /dev/null
fi

# The list of what is installed is laid down when all of it is.
INTEROP_SERVERS="$target/servers"
mkdir -p "$INTEROP_SERVERS"
install_python() {
  local folder="$INTEROP_SERVERS/$1" list="requirements-$1.txt"
  cmp -s "$list" "$folder/requirements.txt" ||
    { python3 -m venv --clear "$folder" &&
      "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$list" &&
      cp "$list" "$folder/requirements.txt"; }
}
install_python canaille || echo "Canaille could not be installed" >&2
install_python tools || echo "pytest, Playwright and schemathesis could not be installed" >&2

# What never changes between two starts is decided once, which halves the time that a start takes.
install_keycloak() {
  local folder="$INTEROP_SERVERS/keycloak" unpacked="$INTEROP_SERVERS/unpacked" version=26.7.3
  [ -e "$folder/$version" ] ||
    { rm -rf "$folder" "$unpacked" && mkdir -p "$unpacked" &&
      # Maven remembers beside where it is called what it has unpacked, and does it no second time.
      (cd "$unpacked" && mvn --quiet --batch-mode org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack \
        -Dartifact="org.keycloak:keycloak-quarkus-dist:$version:zip" -DoutputDirectory="$unpacked") &&
      mv "$unpacked/keycloak-$version" "$folder" &&
      "$folder/bin/kc.sh" build --db=dev-mem --cache=local --https-client-auth=request > /dev/null &&
      touch "$folder/$version"; }
}
install_keycloak || echo "Keycloak could not be installed" >&2

install_spring() {
  local folder="$INTEROP_SERVERS/spring"
  [ "$folder/classpath" -nt spring/pom.xml ] && [ "$folder/classpath" -nt spring/src/main/java/interop/App.java ] ||
    { rm -rf "$folder" &&
      mvn --quiet --batch-mode --file spring/pom.xml -Dplace="$folder" compile \
        dependency:build-classpath -Dmdep.outputFile="$folder/classpath.new" &&
      mv "$folder/classpath.new" "$folder/classpath"; }
}
install_spring || echo "Spring Security could not be installed" >&2

if [ -z "${GRANTSCOPE_BIN:-}" ]; then
  cargo build --locked --bin grantscope
  GRANTSCOPE_BIN="$target/debug/grantscope"
fi
export GRANTSCOPE_BIN INTEROP_SERVERS INTEROP_PICTURES="$target/interop"
exec node_modules/node/bin/node main.mjs "$@"
