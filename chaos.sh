#!/bin/sh
# Breaks a cluster of real processes under load and checks that everything it acknowledged is there: ./chaos.sh [faults, 60 by default] [seed of a run to
# repeat] [redis|postgres, both by default, or sign-ins: users who sign in and sign out everywhere]. Starts its own servers on loopback; installs them through apt where they are missing.
set -eu
cd "$(dirname "$0")"

class=ChaosTests
explicit=off
case "${3:-}" in
  "") filter="*" ;;
  sign-ins) class=SignInChaosTests explicit=only filter="*" ;;
  redis) filter="*Redis*" ;;
  postgres) filter="*Postgres*" ;;
  *) echo "Say redis, postgres or sign-ins, not $3." >&2; exit 2 ;;
esac

dotnet build tests/Chaos.Tests -c Release -v quiet --nologo >&2
CHAOS_FAULTS="${1:-60}" CHAOS_SEED="${2:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}" exec dotnet tests/Chaos.Tests/bin/Release/net10.0/ServerSession.Orleans.Chaos.Tests.dll \
  --filter-class "ServerSession.Tests.$class" --explicit "$explicit" --filter-method "$filter" --output detailed
