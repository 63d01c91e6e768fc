#!/bin/sh
# Kills the WebHost under load and checks that everything it acknowledged is there: ./kill.sh [rounds, 100 by default] [seed of a run to repeat].
set -eu
cd "$(dirname "$0")"

dotnet build tests/Durability.Tests -c Release -v quiet --nologo >&2
KILL_ROUNDS="${1:-100}" KILL_SEED="${2:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}" exec dotnet run --no-build -c Release --project tests/Durability.Tests -- --filter-class ServerSession.Tests.KillTests
