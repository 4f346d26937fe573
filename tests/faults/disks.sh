#!/usr/bin/env bash
# A build on a disk that is full, and on one that is read-only, each followed by the same command once the disk is well.
# Needs Linux and root, for a disk in memory. Prints what the user sees, and ends with an error if a repair does not work.
set -euo pipefail
cd "$(dirname "$0")/../.."

disk=$(mktemp -d)
trap 'umount "$disk"; rmdir "$disk"' EXIT
mount -t tmpfs -o size=24m tmpfs "$disk"
export ENGAGEMENT_DB=$disk/engagement.duckdb ENGAGEMENT_TMP=$disk/tmp

build() {
    "${DBT:-.venv/bin/dbt}" --no-use-colors --log-path "$disk/../logs" build --exclude-resource-type unit_test --target-path "$TARGET" |
        grep -A 3 -E "Failure in|Encountered an error|Error|Completed successfully" | grep -v "compiled code" | head -6
}
TARGET=$(mktemp -d)

echo "== the disk is full"
build || true
echo "== the same again, on a disk with room"
mount -o remount,size=400m "$disk"
build | grep "Completed successfully"
echo "== the disk is read-only"
mount -o remount,ro "$disk"
build || true
echo "== the same again, on one that is not"
mount -o remount,rw "$disk"
build | grep "Completed successfully"
