#!/bin/sh
# Measures the speed: ./bench.sh [http|hops|tail|commits|creates|hostile|memory|micro] [options]; ./bench.sh help lists the options. Without a command it runs the
# load test. It builds in Release; the load tests (http, hops, tail) need wrk and redis-server, which it installs through apt where they are missing.
set -eu
cd "$(dirname "$0")"

case "${1:-}" in
  "" | --[!h]*) set -- http "$@" ;;
esac

missing=""
case "$1" in
  http | hops | tail)
    command -v wrk >/dev/null || missing="$missing wrk"
    command -v redis-server >/dev/null || missing="$missing redis-server"
    ;;
esac
if [ -n "$missing" ]; then
  if ! command -v apt-get >/dev/null; then
    echo "Install these first:$missing" >&2
    exit 1
  fi
  root=""
  [ "$(id -u)" = 0 ] || root=sudo
  $root apt-get install -y --no-install-recommends $missing
fi

dotnet build tests/Benchmarks -c Release -v quiet --nologo >&2
exec dotnet run --no-build -c Release --project tests/Benchmarks -- "$@"
