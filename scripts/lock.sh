#!/usr/bin/env bash
# Makes package-lock.json anew in a folder without node_modules, and sees `npm ci` accept it there.
# A lock made beside an installed tree lists only the platform packages of the machine that made it.
set -euo pipefail
cd "$(dirname "$0")/.."

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
shopt -s nullglob
cp --parents .npmrc package.json packages/*/package.json examples/*/package.json bench/package.json conformance/package.json sim/package.json "$fresh"

(
  cd "$fresh"
  npm install --package-lock-only --no-audit --no-fund --loglevel=error
  if grep -q '"resolved": "http' package-lock.json; then
    echo 'package-lock.json names download addresses' >&2
    exit 1
  fi
  npm ci --no-audit --no-fund --loglevel=error
  node_modules/.bin/node --version
)
cp "$fresh/package-lock.json" package-lock.json
