#!/bin/sh
# Mixed load against the WebHost, then a comparison with the start: ./soak.sh [minutes, 10 by default] [settings of the WebHost].
set -eu
cd "$(dirname "$0")"

dotnet build tests/Soak -c Release -v quiet --nologo >&2
exec dotnet run --no-build -c Release --project tests/Soak -- "$@"
