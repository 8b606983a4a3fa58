# Read by the hooks beside it. They run as root for a job's user, and must never be why a node is drained: each ends with 0.

berth=${BERTH_HOME:-/opt/berth}
node_dir=${BERTH_NODE_DIR:-/tmp}

say() { logger -t berth-hook -- "$1" 2>/dev/null || true; }

# as_user SECONDS UID WORD...: a berth command with the rights of the user alone, and no longer than that
as_user() {
    limit=$1 uid=$2
    shift 2
    gid=$(id -g "$uid" 2>/dev/null) || { say "no user $uid here"; return 0; }
    home=$(getent passwd "$uid" | cut -d: -f6)
    groups=--clear-groups
    [ "$uid" = 0 ] || groups=--init-groups
    if output=$(env -i HOME="${home:-/}" PATH=/usr/local/bin:/usr/bin:/bin BERTH_NODE_DIR="$node_dir" \
        SLURM_JOB_ID="${SLURM_JOB_ID:-}" SLURM_RESTART_COUNT="${SLURM_RESTART_COUNT:-999999}" BERTH_ALLOW_ROOT=1 \
        timeout --kill-after=10 "$limit" setpriv --reuid "$uid" --regid "$gid" $groups --inh-caps=-all -- \
        "$berth/bin/berth" --quiet "$@" 2>&1 </dev/null); then
        return 0
    fi
    say "$*: $output"
    return 0
}
