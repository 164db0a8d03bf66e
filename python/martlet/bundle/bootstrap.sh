#!/bin/sh
# Begins a job where nothing is sure but a POSIX shell and, somewhere, Python 3.10 or newer.
#
#   sh bootstrap.sh ARRIVAL BUNDLE DIGEST FOLDER PYTHON JOB INDEX
#
# ARRIVAL unpacks (martlet/bundle/arrival.py), FOLDER is where to, or - for one below TMPDIR; JOB is the description that
# the driver wrote, INDEX which of its jobs this is. PYTHON is tried first. Each stage that fails says so in one line and
# ends with a code of its own: docs/bundles.md.

# all of it is read before any of it runs: what was cut off on the way must not look like a job that is done
{
fail() {
    code=$1
    shift
    printf 'martlet job: %s, on %s\n' "$*" "$( { uname -n; } 2>/dev/null)" >&2
    exit "$code"
}

fits() { "$1" -I -S -c 'import sys; sys.exit(sys.version_info < (3, 10))' </dev/null >/dev/null 2>&1; }

arrival=$1 bundle=$2 digest=$3 folder=$4 own=$5 job=$6 index=$7
python=
for candidate in "$own" python3 python3.13 python3.12 python3.11 python3.10; do
    if fits "$candidate"; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || fail 24 "no Python 3.10 or newer: tried $own python3 python3.13 … python3.10"
[ -r "$job" ] || fail 20 "cannot read $job"
[ -r "$arrival" ] && [ -r "$bundle" ] || fail 25 "the bundle $bundle is not there"
[ "$folder" != - ] || folder=${TMPDIR:-/tmp}/martlet-bundles-$(id -u)
place=$("$python" -I -S "$arrival" "$bundle" "$digest" "$folder")
code=$?
case $code in
    0) ;;
    26 | 27) exit "$code" ;;
    *) fail 26 "$arrival ended with $code" ;;
esac
[ -d "$place/code" ] || fail 26 "$arrival has unpacked nothing"
PYTHONPATH=$place/packages${PYTHONPATH:+:$PYTHONPATH}
export PYTHONPATH
trouble=$("$python" -c 'import martlet._engine' 2>&1 </dev/null) ||
    fail 28 "Martlet cannot be imported by $python: $(printf '%s' "$trouble" | tail -n 1)"
exec "$python" -m martlet job "$job" "$index" --code "$place/code"
}
