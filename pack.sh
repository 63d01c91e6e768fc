#!/usr/bin/env bash
# Makes the NuGet packages, with their symbols, in artifacts/packages or in the folder given; what was there of them before is removed.
# Further arguments go to dotnet pack, for example -p:VersionSuffix=rc.1. Paths of this machine do not get into the packages.
set -euo pipefail
cd "$(dirname "$0")"

folder=artifacts/packages
if [ $# -gt 0 ] && [[ $1 != -* ]]; then
  folder=$1
  shift
fi

mkdir -p "$folder"
rm -f "$folder"/ServerSession.Orleans.*nupkg
DOTNET_NOLOGO=1 dotnet pack packaging/Packages.slnf --configuration Release --output "$folder" -p:ContinuousIntegrationBuild=true --verbosity quiet "$@"
ls "$folder"
