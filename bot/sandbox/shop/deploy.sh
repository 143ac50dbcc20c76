#!/bin/sh
# Switches the demo shop to another version. The versions files lie beside this script or in shop/ there.
# One version stands on each line, the last is live; going back forgets what came after.
set -eu

folder=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
[ ! -d "$folder/shop" ] || folder=$folder/shop
environment=production
action=
to=

usage() {
    echo "usage: deploy.sh [--environment NAME] (--to VERSION | --current | --previous)" >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case $1 in
        --environment) [ $# -ge 2 ] || usage; environment=$2; shift 2 ;;
        --to) [ $# -ge 2 ] || usage; action=to; to=$2; shift 2 ;;
        --current) action=current; shift ;;
        --previous) action=previous; shift ;;
        *) usage ;;
    esac
done

case $environment in
    '' | *[!a-z0-9-]*) usage ;;
esac
file=$folder/$environment.version
if [ ! -s "$file" ]; then
    echo "deploy.sh: there is no environment '$environment'" >&2
    exit 2
fi
current=$(tail -n 1 "$file")

case $action in
    current)
        echo "$current"
        ;;
    previous)
        tail -n 2 "$file" | head -n 1
        ;;
    to)
        case $to in
            v1 | v2 | v2-slow | v2-leaky) ;;
            *) echo "deploy.sh: there is no version '$to', only v1, v2, v2-slow and v2-leaky" >&2; exit 2 ;;
        esac
        new=$(mktemp "$folder/.version.XXXXXX")
        trap 'rm -f "$new"' EXIT
        { awk -v to="$to" '$0 == to { exit } { print }' "$file"; echo "$to"; } > "$new"
        mv -f "$new" "$file"
        trap - EXIT
        echo "$environment now runs $to"
        ;;
    *) usage ;;
esac
