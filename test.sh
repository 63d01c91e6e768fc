#!/usr/bin/env bash
# Builds everything with warnings as errors, runs every test project and closes with the sum of their results.
# Needs the .NET SDK named in global.json; restores everything else itself, and installs through apt what is missing of Chromium, the servers
# that hold sessions (Redis, PostgreSQL) and Node.js with npm, from which the tests take Azurite.
# Arguments: names of test projects (all by default).
set -uo pipefail
cd "$(dirname "$0")"

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
configuration=Release
# Of one project: a test that hangs fails its project and not the whole run.
longest=12m
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# The number of one outcome in the summary of a CTRF report.
count() {
  local number
  number=$(tr -d ' \n\r' < "$1" | grep -o '"summary":{[^}]*}' | grep -o "\"$2\":[0-9]*" | head -n 1)
  echo "${number##*:}"
}

projects=("$@")
if [ ${#projects[@]} -eq 0 ]; then
  for folder in tests/*.Tests; do
    projects+=("$(basename "$folder")")
  done
fi

# Whether one of these test projects is to run.
runs() {
  local project
  for project in "$@"; do
    [[ " ${projects[*]} " != *" $project "* ]] || return 0
  done
  return 1
}

# Without these packages the tests that need them fail and say so; nothing here hides that.
missing=()
if runs Browser.Tests; then
  command -v chromium >/dev/null || missing+=(chromium)
fi
if runs Storage.Providers.Tests LocalCluster.Tests Chaos.Tests; then
  command -v redis-server >/dev/null || missing+=(redis-server)
  compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || missing+=(postgresql)
  command -v node >/dev/null || missing+=(nodejs)
  command -v npm >/dev/null || missing+=(npm)
fi
install() {
  local root=()
  [ "$(id -u)" = 0 ] || root=(sudo)
  "${root[@]}" apt-get update -qq && "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

# Beside the build, which needs none of them.
if [ ${#missing[@]} -gt 0 ] && command -v apt-get >/dev/null; then
  echo "== installing what is missing: ${missing[*]}"
  install >/dev/null &
fi

# One compiler process for all projects, whatever the environment says: that halves the build. It ends by itself when it was idle for ten minutes.
if ! UseSharedCompilation=true dotnet build ServerSession.Orleans.sln --configuration "$configuration" --nologo --verbosity quiet -p:SharedCompilationId="serversession-$$"; then
  wait
  echo "The build failed."
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
fi

# For the installation.
wait

passed=0 failed=0 skipped=0 failures=()
for project in "${projects[@]}"; do
  echo "== $project"
  report=$results/$project.json
  dotnet "tests/$project/bin/$configuration/net10.0/ServerSession.Orleans.$project.dll" \
    --results-directory "$results" --report-xunit-ctrf --report-xunit-ctrf-filename "$project.json" --progress off --no-ansi --timeout "$longest" | tee "$results/$project.log"
  code=${PIPESTATUS[0]}
  if [ ! -s "$report" ]; then
    echo "$project left no report (exit code $code)."
    failed=$((failed + 1))
    continue
  fi
  p=$(count "$report" passed) f=$(count "$report" failed) s=$(count "$report" skipped)
  [ "$f" -eq 0 ] || failures+=("$project")
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  if [ $((p + f)) -eq 0 ]; then
    echo "$project ran no test."
    failed=$((failed + 1))
  elif [ "$code" -ne 0 ] && [ "$f" -eq 0 ]; then
    echo "$project ended with exit code $code."
    failed=$((failed + 1))
  fi
done

# What failed once more, where a long output is read first: at its end. A failed test's lines are indented below its name.
for project in "${failures[@]}"; do
  echo "== failed in $project"
  awk '/^failed /{show=1} /^[^ ]/ && !/^failed /{show=0} show' "$results/$project.log" | head -n 200
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
