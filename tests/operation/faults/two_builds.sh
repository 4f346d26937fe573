#!/usr/bin/env bash
# Two builds of one database at the same time, of `make build` and of plain `dbt build`, and a build beside a program that
# has the database open. Prints what the user sees, and ends with an error if one disturbs the other or says something else
# than docs/operations.md. Takes as long as six builds, and six minutes.
set -euo pipefail
cd "$(dirname "$0")/../../.."

own=$(mktemp -d)
trap 'rm -rf "$own"' EXIT
export ENGAGEMENT_DB=$own/engagement.duckdb ENGAGEMENT_TMP=$own/tmp
python=${PYTHON:-.venv/bin/python}

said='(IO Error|Completed successfully|Another build|Built|Not published).*'
locked='^IO Error: Could not set lock on file ".*": Conflicting lock is held in .* \(PID [0-9]+\)'

make_build() {
    "$python" -m engagement build "$@" --target-path "$own/target" --log-path "$own/logs" 2>&1 |
        grep -oE "$said" | sort -u
}
dbt_build() {
    "$(dirname "$python")/dbt" --no-use-colors --log-path "$own/logs$1" build --exclude-resource-type unit_test --target-path "$own/target$1" 2>&1 |
        grep -oE "$said" | sort -u
}

echo "== make build, twice, and once more with --wait"
make_build > "$own/first" &
until test -s "$ENGAGEMENT_DB.lock"; do sleep 0.1; done
make_build --wait 3600 > "$own/waiting" &
code=0; make_build > "$own/second" || code=$?
cat "$own/second"
test $code -eq 4
grep -q "^Another build is running: process .* holds $ENGAGEMENT_DB.lock. Run the same command again later" "$own/second"
wait
cat "$own/first" "$own/waiting"
grep -q "^Built" "$own/first" && grep -q "^Built" "$own/waiting"
test "$(wc -l < "$own/runs.jsonl")" -eq 2

echo "== dbt build, twice"
dbt_build 1 > "$own/first" || true &
dbt_build 2 > "$own/second" || true &
wait
sort "$own/first" "$own/second"
# whoever came second has waited for its turn, or says for what it waited in vain
grep -q "^Completed" "$own/first" "$own/second"
for output in "$own/first" "$own/second"; do grep -qE "^Completed|$locked" "$output"; done

echo "== make build, beside a program that has the database open"
coproc "$python" -c "import duckdb, sys; held = duckdb.connect('$ENGAGEMENT_DB'); print('held', flush=True); sys.stdin.read()"
read -r -u "${COPROC[0]}"
code=0; make_build > "$own/beside" || code=$?
cat "$own/beside"
test $code -eq 4
grep -qE "^Not published. Another program \(PID [0-9]+\) has .* open. Close it, .* Readers keep version 20" "$own/beside"
kill $COPROC_PID

echo "== and once more, alone"
dbt_build 3 | grep "Completed successfully"
