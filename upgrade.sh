#!/bin/sh
# Rolls a cluster of real processes from an older build to this one under load, or back to it: ./upgrade.sh [commit, 20 before this one by default] [back].
# Every session has to live on with what was written last, and no request may fail that its client repeats. Builds the commit in a worktree of its own, and
# starts a Redis on loopback.
set -eu
cd "$(dirname "$0")"

from=$(git rev-parse --verify --quiet "${1:-HEAD~20}^{commit}") || { echo "There is no commit ${1:-HEAD~20} here; a shallow clone lacks the older ones." >&2; exit 2; }
case "${2:-}" in
  "") test="*Rolling_upgrade*" ;;
  back) test="*Rolling_back*" ;;
  *) echo "The second argument is 'back' or nothing, not $2." >&2; exit 2 ;;
esac
older=$(mktemp -d)
trap 'git worktree remove --force "$older" >&2' EXIT
git worktree add --quiet --detach "$older" "$from"
dotnet build "$older/src/Silo" -c Release -v quiet --nologo >&2
dotnet build "$older/src/WebHost" -c Release -v quiet --nologo >&2
dotnet build tests/Chaos.Tests -c Release -v quiet --nologo >&2
UPGRADE_FROM="$older" dotnet tests/Chaos.Tests/bin/Release/net10.0/ServerSession.Orleans.Chaos.Tests.dll \
  --explicit only --filter-method "$test" --output detailed
