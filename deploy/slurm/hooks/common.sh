# shellcheck shell=sh
# Read by the hooks beside it. They run as root for a job's user, and must never be why a node is drained: each ends with 0.
# Slurm gives them few variables; a site that wants others for BERTH_... says so in a script of its own that calls these.

# last KEY FILE...: the value of the last `KEY = value`; Slurm writes keys in any case
last() {
    key=$1
    shift
    sed -n "s/^[[:space:]]*${key}[[:space:]]*=[[:space:]]*//Ip" "$@" 2>/dev/null | tail -n 1 |
        sed 's/[[:space:]]*$//; s/^\(["'\'']\)\(.*\)\1$/\2/'
}

# the distribution that the hooks lie in; copies of them take the usual place
berth=${BERTH_HOME:-$(dirname "$(readlink -f "$0")")/../../..}
[ -x "$berth/bin/berth" ] || berth=/opt/berth
node_dir=${BERTH_NODE_DIR:-$(last node_dir "$berth/etc/berth.conf" /etc/berth.conf)}
node_dir=${node_dir:-/tmp}

say() { logger -t berth-hook -- "$1" 2>/dev/null || true; }

# slurm_seconds KEY OTHERWISE: a time of slurm.conf
slurm_seconds() {
    seconds=$(last "$1" "${SLURM_CONF:-/etc/slurm/slurm.conf}" | sed 's/[^0-9].*//')
    echo "${seconds:-$2}"
}

# within SECONDS: as much of that as a hook may take, and not be killed, which would drain the node
within() {
    most=$(slurm_seconds PrologEpilogTimeout 0)
    if [ "$most" -gt 0 ] && [ "$1" -gt $((most - 10)) ]; then
        echo $((most > 11 ? most - 10 : 1))
    else
        echo "$1"
    fi
}

# how long a prolog may fetch an image, and the job not be taken for lost
prefetch_seconds() {
    most=${BERTH_PREFETCH_SECONDS:-600}
    start=$(slurm_seconds BatchStartTimeout 10)
    within $((most + 10 < start ? most : start > 14 ? start - 10 : 4))
}

# as_user SECONDS UID WORD...: a berth command with the rights of the user alone, and no longer than that
as_user() {
    limit=$1 uid=$2
    shift 2
    [ -x "$berth/bin/berth" ] || { say "$*: no berth in $berth; say where it is by BERTH_HOME"; return 0; }
    gid=$(id -g "$uid" 2>/dev/null) || { say "no user $uid here"; return 0; }
    home=$(getent passwd "$uid" | cut -d: -f6)
    groups=--clear-groups
    [ "$uid" = 0 ] || groups=--init-groups
    status=0
    output=$(env -i HOME="${home:-/}" PATH=/usr/local/bin:/usr/bin:/bin BERTH_NODE_DIR="$node_dir" \
        SLURM_JOB_ID="${SLURM_JOB_ID:-}" SLURM_RESTART_COUNT="${SLURM_RESTART_COUNT:-999999}" BERTH_ALLOW_ROOT=1 \
        timeout --kill-after=5 "$limit" setpriv --reuid "$uid" --regid "$gid" $groups --inh-caps=-all -- \
        "$berth/bin/berth" --quiet "$@" 2>&1 </dev/null) || status=$?
    case $status in
        0) ;;
        124 | 137) say "$*: no end after $limit s" ;;
        *) say "$*: $output" ;;
    esac
}
