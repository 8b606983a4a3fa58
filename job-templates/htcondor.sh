## What a job of HTCondor runs; each line is a command of its own, since they are joined to one line.
set -eu
berth={berth}
image={image}
export BERTH_NODE_DIR={nodeDir}
plan="$BERTH_NODE_DIR"/berth-$(id -u)/jobs/$BERTH_JOB_ID.0/run/plan
trap 'exit 143' TERM
trap '"$berth/bin/berth" node release || true' EXIT
"$berth/bin/berth" --quiet pull --in-job "$image"
"$berth/bin/berth" --quiet node prepare {prepare}"$image"
"$berth/libexec/berth-exec" "$plan"{command}
