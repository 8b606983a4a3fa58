#!/usr/bin/env bash
#
# gridengine.sh - a throw-away Grid Engine of one host, from Debian's packages, in namespaces of its own. Needs root.
#
#   gridengine.sh up FOLDER UID HOME     starts it; the user is "sailor" with this uid and home
#   gridengine.sh exec FOLDER CMD...     runs a command there as that user, in his home
#   gridengine.sh root FOLDER CMD...     the same as root
#   gridengine.sh down FOLDER            ends it and removes the folder
#
# It has 8 slots, the queue all.q and the parallel environment smp. Nothing of the machine is changed.
set -euo pipefail

self=$(readlink -f "$0")
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_QMASTER_PORT=6444 SGE_EXECD_PORT=6445

die() { echo "gridengine: $*" >&2; exit 1; }

# A process id may be used again; with its start time it is one process.
started() {
  local all
  all=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  # shellcheck disable=SC2086  # fields
  set -- ${all##*) }
  echo "${20}"
}
running() {
  local pid at
  [ -s "$base/pid" ] || return 1
  read -r pid at <"$base/pid"
  [ "$(started "$pid")" = "$at" ] && echo "$pid"
}
inside() {
  local pid
  pid=$(running) || die "not up in $base"
  exec nsenter -t "$pid" -m -u -i -n -p --wdns="$(cat "$base/home")" -- "$@"
}

init() {
  local self_stat form=/run/form
  read -r self_stat _ </proc/self/stat
  echo "$self_stat $(started "$self_stat")" >"$base/pid"
  mount -t proc proc /proc
  hostname grid1
  ip link set lo up
  ip link add eth0 type veth peer name eth0p
  ip addr add 198.18.1.1/24 dev eth0
  ip link set eth0 up
  ip link set eth0p up
  local file
  for file in passwd group hosts; do mount --bind "$base/etc/$file" "/etc/$file"; done
  mount --bind "$base/cell" "$SGE_ROOT/default"
  mount --bind "$base/spool" /var/spool/gridengine
  mount -t tmpfs -o mode=755 run /run
  mkdir -p /run/gridengine /run/lock
  chown sgeadmin /run/gridengine

  sge_qmaster
  for _ in $(seq 100); do qconf -sh >/dev/null 2>&1 && break; sleep 0.1; done
  qconf -ah grid1 || true
  qconf -as grid1 || true
  cat >$form <<END
hostname grid1
load_scaling NONE
complex_values NONE
user_lists NONE
xuser_lists NONE
projects NONE
xprojects NONE
usage_scaling NONE
report_variables NONE
END
  qconf -Ae $form || true
  printf 'group_name @allhosts\nhostlist grid1\n' >$form
  qconf -Ahgrp $form || true
  cat >$form <<END
pe_name smp
slots 999
user_lists NONE
xuser_lists NONE
start_proc_args /bin/true
stop_proc_args /bin/true
allocation_rule \$pe_slots
control_slaves TRUE
job_is_first_task TRUE
urgency_slots min
accounting_summary FALSE
qsort_args NONE
END
  qconf -Ap $form
  qconf -sq | sed -e 's/^qname.*/qname all.q/' -e 's/^hostlist.*/hostlist @allhosts/' -e 's/^slots.*/slots 8/' \
    -e 's/^shell .*/shell \/bin\/sh/' -e 's/^pe_list.*/pe_list smp/' -e 's/^load_thresholds.*/load_thresholds NONE/' >$form
  qconf -Aq $form
  qconf -ssconf | sed -e 's/^schedule_interval.*/schedule_interval 0:0:1/' -e 's/^flush_submit_sec.*/flush_submit_sec 1/' \
    -e 's/^flush_finish_sec.*/flush_finish_sec 1/' >$form
  qconf -Msconf $form
  sge_execd
  : >"$base/up"
  trap : CHLD
  # not for ever, should nobody take it down
  while [ "$SECONDS" -lt 10800 ]; do sleep 60 & wait $! || true; done
}

command=${1:-} base=${2:-}
[ -n "$base" ] || { sed -n '3,/^set -e/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
shift 2
case $command in
up)
  uid=$1 home=$2
  for program in sge_qmaster sge_execd qconf nsenter ip; do
    command -v $program >/dev/null || die "$program is missing (run install.sh)"
  done
  mkdir -p "$base/etc"
  chmod 755 "$base"
  cp -a "$SGE_ROOT/default" "$base/cell"
  cp -a /var/spool/gridengine "$base/spool"
  echo grid1 >"$base/cell/common/act_qmaster"
  { cat /etc/passwd; echo "sailor:x:$uid:$uid::$home:/bin/sh"; } >"$base/etc/passwd"
  { cat /etc/group; echo "sailor:x:$uid:"; } >"$base/etc/group"
  printf '127.0.0.1 localhost\n198.18.1.1 grid1\n' >"$base/etc/hosts"
  echo "$home" >"$base/home"
  setsid unshare -m -u -i -n -p --fork --kill-child --propagation private bash "$self" __init "$base" \
    </dev/null >"$base/log" 2>&1 &
  disown
  for _ in $(seq 300); do [ ! -e "$base/up" ] || exit 0; sleep 0.1; done
  cat "$base/log" >&2
  die "it did not come up"
  ;;
__init) init ;;
exec)
  uid=$(stat -c %u "$(cat "$base/home")")
  inside setpriv --reuid "$uid" --regid "$uid" --clear-groups --inh-caps=-all env -i HOME="$(cat "$base/home")" USER=sailor \
    LOGNAME=sailor PATH=/usr/local/bin:/usr/bin:/bin SGE_ROOT="$SGE_ROOT" SGE_CELL="$SGE_CELL" \
    SGE_QMASTER_PORT="$SGE_QMASTER_PORT" SGE_EXECD_PORT="$SGE_EXECD_PORT" "$@"
  ;;
root) inside "$@" ;;
down)
  if pid=$(running); then
    kill -KILL "$pid"
    for _ in $(seq 100); do running >/dev/null || break; sleep 0.05; done
  fi
  rm -rf "$base"
  ;;
*) die "'$command' is not known" ;;
esac
