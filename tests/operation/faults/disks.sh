#!/usr/bin/env bash
# Builds on a disk that is full, from the start or after a while, and on one that is read-only, by `make build` and by plain
# `dbt build`. Needs Linux and root, for a disk in memory. Prints what the user sees, and ends with an error if a build on a
# faulty disk succeeds, says something else than docs/operations.md, or loses anything, or if the same command
# does not work on a disk that is well again. Takes as long as six builds, and six minutes.
set -euo pipefail
cd "$(dirname "$0")/../../.."

disk=$(mktemp -d) own=$(mktemp -d)
trap 'umount "$disk"; rm -rf "$disk" "$own"' EXIT
mount -t tmpfs -o size=400m tmpfs "$disk"
export ENGAGEMENT_DB=$disk/engagement.duckdb ENGAGEMENT_TMP=$own/tmp
python=${PYTHON:-.venv/bin/python}
options=(--exclude-resource-type unit_test --target-path "$own/target" --log-path "$own/logs")

make_build() { "$python" -m engagement build --target-path "$own/target" --log-path "$own/logs"; }
make_publish() { "$python" -m engagement publish; }
make_forget() { DBT_ENV_SECRET_PRIVACY_KEY=$(printf '%032d' 0) FORGOTTEN_PEOPLE=$own/list "$python" -m engagement forget ana@acme.example; }
dbt_build() { "$(dirname "$python")/dbt" --no-use-colors build "${options[@]}"; }

# fails COMMAND MESSAGE...: the command says each message and ends with code 1; dbt itself has a 2 as well
fails() {
    local command=$1 code=0
    $command > "$own/output" 2>&1 || code=$?
    shift
    grep -E 'IO Error|FATAL Error|No space left|cannot be written|could not be written|Not published' "$own/output" | sort -u
    test $code -eq 1 || { test $code -eq 2 && test "$command" = dbt_build; }
    test "$command" = dbt_build || ! grep -q Traceback "$own/output"
    for message; do grep -qF -- "$message" "$own/output"; done
}
works() {
    "$1" > "$own/output" 2>&1 || { cat "$own/output"; exit 1; }
    tail -n 1 "$own/output"
}
# what nobody can compute again, and what readers see
kept() {
    "$python" - "$disk" <<END
import duckdb, sys
for file, query in (
    ("engagement.duckdb", "select (select count(*) from published_scores), (select count(*) from score_alerts)"),
    ("serving/marts.duckdb", "select version, (select sum(score_raw) from account_scores) from publication"),
):
    with duckdb.connect(f"{sys.argv[1]}/{file}", read_only=True) as connection:
        print(file, *connection.execute(query).fetchone())
END
}
fill() { cat /dev/zero > "$disk/rest" 2> /dev/null || true; }

echo "== the disk is full before the first build"
fill
fails make_build "cannot be written: No space left on device. Make room"
rm "$disk/rest"
echo "== it fills during the first build"
mount -o remount,size=24m "$disk"
fails make_build "No space left on device" "Not published. dbt did not succeed"
fails dbt_build "No space left on device"
echo "== the same again, on a disk with room"
mount -o remount,size=400m "$disk"
works make_build
kept | tee "$own/before"

echo "== the disk is full, and somebody reads what is published"
fill
fails make_build "No space left on device" "Not published. dbt did not succeed" "Readers keep version 20"
fails dbt_build "No space left on device"
kept | diff "$own/before" -
echo "== the same again, on a disk with room"
rm "$disk/rest"
works dbt_build
kept | diff "$own/before" -

echo "== the disk is read-only"
mount -o remount,ro "$disk"
fails make_build "cannot be written: Read-only file system. Make room or make it writable"
fails make_publish "cannot be written: Read-only file system. Make room or make it writable"
fails make_forget "cannot be written: Read-only file system. Make room or make it writable"
fails dbt_build "Read-only file system"
kept | diff "$own/before" -
echo "== the same again, on one that is not"
mount -o remount,rw "$disk"
works make_build
kept | sed -n 1p | diff <(sed -n 1p "$own/before") -
