#!/usr/bin/env bash
# Builds everything, code style included, and runs every test project; ends with one line "N passed, N failed".
# --long: all ten rounds of killed services instead of two.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case "${1:-}" in
  "") ;;
  --long) export MLOPSLEARN_LONG=1 ;;
  *) echo "usage: tests/run.sh [--long]" >&2; exit 2 ;;
esac

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# Broker, cache and database for the tests that start real ones; without them those tests are skipped, and say so.
./deploy/local/install.sh --tests || echo "The servers could not be installed; their tests are skipped."

# promtool checks the alerts. Only the program is taken out of its package: no server is installed or started.
if ! command -v promtool >/dev/null && command -v apt-get >/dev/null; then
  tools=$(mktemp -d)
  (cd "$tools" && { apt-get download -qq prometheus || { apt-get update -qq && apt-get download -qq prometheus; }; } && dpkg -x prometheus_*.deb .) \
    && export PATH="$tools/usr/bin:$PATH" || echo "promtool could not be had; the tests of alerts are skipped."
fi

dotnet format whitespace . --folder --verify-no-changes || { echo "Run: dotnet format whitespace . --folder"; echo "0 passed, 1 failed"; exit 1; }
dotnet build MLOpsLearn.sln -c Release --nologo -v minimal || { echo "0 passed, 1 failed"; exit 1; }

# A test that hangs must not keep everybody waiting: its name is told after two minutes, and its project is ended after twenty.
bounded() { if command -v timeout >/dev/null; then timeout --kill-after=30 1200 "$@"; else "$@"; fi; }

passed=0 failed=0 skipped=0
failures=$(mktemp)
for project in tests/*.Tests/*.csproj; do
  name=$(basename "$project" .csproj)
  log=$(mktemp)
  echo "== $name"
  bounded "$(dirname "$project")/bin/Release/net10.0/$name" -longRunning 120 2>&1 | tee "$log"
  code=${PIPESTATUS[0]}
  summary=$(grep -aE 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+' "$log" | tail -n 1)
  number() { sed -nE "s/.*$1: ([0-9]+).*/\1/p" <<<"$summary"; }
  # A runner that was killed leaves no summary.
  if [ -z "$summary" ]; then
    total=1 bad=1 left=0
  else
    total=$(number Total) bad=$(( $(number Errors) + $(number Failed) )) left=$(number Skipped)
  fi
  # A runner that ends badly without naming a failed test (a crash, say) is a failure all the same.
  if [ "$code" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; total=$((total + 1)); fi
  # Told once more at the end: services write much between here and there.
  grep -aA12 '\[FAIL\]' "$log" >>"$failures"
  [ "$code" -ne 124 ] || { echo "$name was ended after 20 minutes; what ran last:"; grep -aA2 'Long Running' "$log" | tail -n 20; } >>"$failures"
  [ "$bad" -eq 0 ] || echo "$name ended with code $code, $bad failed" >>"$failures"
  failed=$((failed + bad)) skipped=$((skipped + left)) passed=$((passed + total - bad - left))
  rm -f "$log"
done

cat "$failures"; rm -f "$failures"
echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
