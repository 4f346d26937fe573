#!/usr/bin/env bash
# A build on a disk that is full, and on one that is read-only, each followed by the same command once the disk is well.
# Needs Linux and root, for a disk in memory. Prints what the user sees, and ends with an error if a repair does not work.
set -euo pipefail
cd "$(dirname "$0")/../.."

disk=$(mktemp -d) own=$(mktemp -d)
trap 'umount "$disk"; rm -rf "$disk" "$own"' EXIT
mount -t tmpfs -o size=24m tmpfs "$disk"
export ENGAGEMENT_DB=$disk/engagement.duckdb ENGAGEMENT_TMP=$own/tmp

build() {
    "${DBT:-.venv/bin/dbt}" --no-use-colors --log-path "$own" build --exclude-resource-type unit_test --target-path "$own" 2>&1 |
        grep -oE '(IO Error|FATAL Error|Original error|Completed successfully).*' | sort -u
}

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
