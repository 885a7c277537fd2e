#!/usr/bin/env bash
# Copies the records of the gauges to the archive, once a night.
set -euo pipefail

ARCHIVE=${ARCHIVE:-/srv/archive}
KEEP=30  # days

usage() {
  cat <<END
usage: backup.sh STATION...

Copies what the stations have measured since the last run.
END
}

# Copies one station; says nothing if there is nothing new.
copy() {
  local station=$1 target=$ARCHIVE/$1/$(date +%F)
  if [[ -e $target ]]; then
    echo "$station: done already" >&2
    return
  fi
  mkdir -p "$target"
  rsync -a "gauge@$station:/var/lib/gauge/" "$target/"
}

if [[ $# -eq 0 ]]; then
  usage
  exit 2
fi

for station in "$@"; do
  copy "$station" || echo "$station: failed" >&2
done

find "$ARCHIVE" -mindepth 2 -maxdepth 2 -mtime +"$KEEP" -exec rm -r {} +
