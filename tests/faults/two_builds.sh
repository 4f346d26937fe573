#!/usr/bin/env bash
# Two builds of one database at the same time, of `make build` and of plain `dbt build`. Prints what the user sees, and
# ends with an error if one disturbs the other. Takes as long as four builds, and two minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."

own=$(mktemp -d)
trap 'rm -rf "$own"' EXIT
export ENGAGEMENT_DB=$own/engagement.duckdb ENGAGEMENT_TMP=$own/tmp
python=${PYTHON:-.venv/bin/python}

make_build() {
    "$python" scripts/build.py "$@" --exclude-resource-type unit_test --target-path "$own/target" --log-path "$own/logs" 2>&1 | tail -n 1
}
dbt_build() {
    "$(dirname "$python")/dbt" --no-use-colors --log-path "$own/logs$1" build --exclude-resource-type unit_test --target-path "$own/target$1" 2>&1 |
        grep -oE '(IO Error|Completed successfully).*' | sort -u
}

echo "== make build, twice, and once more with --wait"
make_build > "$own/first" &
until test -s "$ENGAGEMENT_DB.lock"; do sleep 0.1; done
make_build --wait 3600 > "$own/waiting" &
code=0; make_build || code=$?
test $code -eq 4
wait
cat "$own/first" "$own/waiting"
grep -q "^Built" "$own/first" && grep -q "^Built" "$own/waiting"
test "$(wc -l < "$own/runs.jsonl")" -eq 2

echo "== dbt build, twice"
dbt_build 1 > "$own/first" || true &
dbt_build 2 > "$own/second" || true &
wait
sort "$own/first" "$own/second"
grep -q "^Completed" "$own/first" "$own/second"

echo "== and once more, alone"
dbt_build 3 | grep "Completed successfully"
