#!/usr/bin/env bash
#
# cluster.sh - a throw-away, real Slurm cluster of several nodes on one machine.
#
# Every node (head, n1, n2, ...) is a set of Linux namespaces (pid, net, uts, ipc, mount,
# cgroup) with its own init, hostname, address, /tmp, /var/tmp, /var/spool, /run, /dev,
# /dev/shm, /proc and daemons. The bridge between them lives in the head's own network
# namespace: nothing listens on, or talks through, the network of the machine. Shared by all
# nodes at one path: the rest of the machine, the homes of the job users and the checkout.
#
#   cluster.sh up [N]                 start N nodes (3) and wait until they are idle
#   cluster.sh down                   power everything off, remove the base folder
#   cluster.sh status                 nodes, daemons and sinfo
#   cluster.sh exec [-u USER] [-d DIR] NODE [VAR=VALUE...] CMD...
#                                     run CMD on NODE (head, n1, ...) as the job user in a
#                                     clean environment; ends with it when it is killed
#   cluster.sh registry start|stop|status|log|clear [OPTION...]
#                                     registry.sh on the head, see below
#   cluster.sh images NAME...         build them here if need be, push to that registry
#   cluster.sh cut NODE | heal NODE   pull NODE's network cable, plug it back in
#   cluster.sh kill NODE | boot NODE  power NODE off, on again (empty /tmp, /run, /dev/shm)
#   cluster.sh fill NODE [KB]         fill NODE's /tmp up to KB (0) free kilobytes; only on
#                                     nodes of CLUSTER_TMP_SIZE.  unfill NODE: free it again
#   cluster.sh slurmd-stop NODE [SIGNAL] | slurmd-start NODE
#   cluster.sh reconfigure            push a changed slurm.conf / plugstack.conf
#
# Settings (environment of `up`; kept for the later commands, which need CLUSTER_BASE only):
#   CLUSTER_BASE        base folder (${TMPDIR:-/tmp}/berth-cluster), reachable by the job user
#   CLUSTER_CPUS        CPUs per node, faked (16)      CLUSTER_MEM   MB per node (4000)
#   CLUSTER_GPUS        fake GPUs per node, /dev/fakegpuN (2; 0 = none)
#   CLUSTER_USER        job user (hpcuser)             CLUSTER_UID   its uid and gid (20001);
#                       a second one, hpcuser2 of 20002, is made as well
#   CLUSTER_SHARE       more folders below /tmp or /var/tmp that all nodes shall see, colon
#                       separated (the base folder and this checkout are seen anyway)
#   CLUSTER_CONF        file appended to slurm.conf (a key given there replaces the default)
#   CLUSTER_PLUGSTACK   file used as plugstack.conf
#   CLUSTER_ROOT        folder with the root of another Debian release (images.sh root), which the nodes
#                       have instead of the machine's: its Slurm and all its programs
#   CLUSTER_ETC         folder whose files are copied into /etc/slurm (job_submit.lua, ...)
#   CLUSTER_PROCTRACK   proctrack/linuxproc (default) | proctrack/cgroup | proctrack/pgid
#   CLUSTER_PORTS       loopback ports that every node forwards to the head ("5000")
#   CLUSTER_PATH        PATH of exec                   CLUSTER_PASS  variables that exec
#                       passes on when set ("JAVA_HOME LANG TERM")
#   CLUSTER_TTL         the nodes power themselves off after this long (3h)
#   CLUSTER_KEEP_LOGS   1: `down` leaves $CLUSTER_BASE/log behind
# Defects of single nodes; lists of NODE:VALUE, separated by blanks, "*" is every node:
#   CLUSTER_NOUSERNS    nodes (names only) whose jobs get EPERM for a user namespace
#   CLUSTER_HIDE        "n3:proot,crun" programs of PATH that do not exist on the node; a
#                       value with a slash is a path, made an empty unexecutable file or folder
#   CLUSTER_TMP_SIZE    "n2:8m" /tmp is a tmpfs of that size (then see fill)
#   CLUSTER_TMP_MODE    "n2:0755" mode of the root-owned /tmp: the job user may not write
#   CLUSTER_TMP_OPTS    "n2:ro n3:noexec" mount options of /tmp
#
# Registry: it runs on the head and listens on all addresses of the head, on the first port
# of CLUSTER_PORTS; so head:5000 works everywhere. On the nodes socat, started by their init,
# carries 127.0.0.1:5000 to the head: the same image name works on every node, and in the
# access log each node has its own address (n1 is 198.18.0.11, the head itself 127.0.0.1).
# A node that is cut off loses its registry as well (its socat then ends connections unanswered).
#
# Needs root, and the packages of .ci/packages. Processes are stopped by recorded pid only.
set -euo pipefail

PROG=$(readlink -f "$0")
HERE=$(dirname "$PROG")
CHECKOUT=$(readlink -f "$HERE/../../..")
BASE=${CLUSTER_BASE:-${TMPDIR:-/tmp}/berth-cluster}
NET=198.18.0                      # exists inside our own namespaces only
HEADIP=$NET.1

die() { echo "cluster: $*" >&2; exit 1; }

load() {
  [ -f "$BASE/state/settings" ] || die "no cluster under $BASE"
  # shellcheck disable=SC1091
  . "$BASE/state/settings"
}

# --- processes: remembered as "pid starttime", so that a reused pid is never hit ---------

starttime() {                     # the 22nd field of /proc/PID/stat
  local s
  s=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  read -ra s <<<"${s##*) }"
  echo "${s[19]}"
}
hostpid() {                       # pid of NODE's init as seen from outside
  local pid start
  [ -s "$BASE/state/$1.pid" ] || return 1
  read -r pid start < "$BASE/state/$1.pid"
  [ "$(starttime "$pid")" = "$start" ] || return 1
  echo "$pid"
}
power_off() {
  local pid i
  pid=$(hostpid "$1") || return 0
  kill -KILL "$pid" 2>/dev/null || true
  for ((i = 0; i < 200; i++)); do
    hostpid "$1" >/dev/null || break
    sleep 0.02
  done
}
enter() {                         # enter NODE CMD... as root, in all its namespaces
  local pid
  pid=$(hostpid "$1") || die "$1 is not running"
  shift
  nsenter -t "$pid" -m -u -i -n -p -C -- "$@"
}
wait_file() {                     # wait_file FILE SECONDS
  local i
  for ((i = 0; i < $2 * 50; i++)); do [ -e "$1" ] && return 0; sleep 0.02; done
  return 1
}

# --- names, settings ---------------------------------------------------------------------

names() { local i; echo head; for ((i = 1; i <= CLUSTER_NODES; i++)); do echo "n$i"; done; }
ip_of() { if [ "$1" = head ]; then echo "$HEADIP"; else echo "$NET.$((10 + ${1#n}))"; fi; }
node() {                          # dies unless $1 is a node other than the head
  names | tail -n +2 | grep -qxF "${1:-}" || die "'${1:-}' is not one of: $(names | tail -n +2 | xargs)"
}
listed() { case " $2 " in *" $1 "*) ;; *) return 1 ;; esac; }   # listed NODE "n1 n2"
values() {                        # values NODE "n1:a n2:b *:c", one a line
  local item items
  read -ra items <<<"$2"
  for item in "${items[@]}"; do
    case $item in "$1":*|'*':*) echo "${item#*:}" ;; esac
  done
}

# --- one node ----------------------------------------------------------------------------

boot() {                          # start NODE's init, do not wait
  local n=$1
  mkdir -p "$BASE/nodes/$n"
  rm -f "$BASE/state/$n".{pid,net,up}
  (
    for fd in "/proc/$BASHPID/fd"/*; do   # a node outlives its starter, and would keep its locks
      fd=${fd##*/}
      [ "$fd" -le 2 ] || exec {fd}>&-
    done
    CLUSTER_BASE=$BASE exec setsid unshare --mount --uts --ipc --net --pid --fork --kill-child \
      --propagation private bash "$PROG" __init "$n"
  ) </dev/null >>"$BASE/log/$n.init.log" 2>&1 &
  disown
}
wire() {                          # give NODE its cable and address
  local n=$1 pid head
  wait_file "$BASE/state/$n.pid" 15 || { tail -n 5 "$BASE/log/$n.init.log" >&2; die "$n did not start"; }
  pid=$(hostpid "$n") || die "$n died at once: $(tail -n 3 "$BASE/log/$n.init.log")"
  if [ "$n" = head ]; then
    nsenter -t "$pid" -n ip -batch - <<IP
link set lo up
link add br0 type bridge stp_state 0
addr add $HEADIP/24 dev br0
link set br0 up
IP
  else
    head=$(hostpid head) || die "head is not running"
    nsenter -t "$head" -n ip -batch - <<IP
link add v-$n type veth peer name eth0 netns $pid
link set v-$n master br0
link set v-$n up
IP
    nsenter -t "$pid" -n ip -batch - <<IP
link set lo up
addr add $(ip_of "$n")/24 dev eth0
link set eth0 up
IP
  fi
  : > "$BASE/state/$n.net"
}

# The cgroup v1 controllers that are mounted one per folder (none on a pure v2 machine).
cgroup_controllers() {
  local d
  for d in cpu cpuacct cpuset memory devices freezer blkio pids; do
    if [ "$(stat -f -c %T "/sys/fs/cgroup/$d" 2>/dev/null)" = cgroupfs ]; then echo "$d"; fi
  done
}

# A process in a chroot may not create user namespaces (EPERM): that is how a node of
# CLUSTER_NOUSERNS plays one on which they are switched off.
start_slurmd() {
  if listed "$1" "$CLUSTER_NOUSERNS"; then
    if ! mountpoint -q /run/hostroot; then mkdir -p /run/hostroot; mount --rbind / /run/hostroot; fi
    chroot /run/hostroot slurmd
  else
    slurmd
  fi
}

# Programs of PATH vanish by an overlay that has a whiteout for them, paths are covered.
hide() {
  local what found dir paths=()
  while read -r what; do
    case $what in
      */*) paths+=("$what") ;;
      ?*) while read -r found; do
            dir=$(readlink -f "${found%/*}")
            mkdir -p "/run/hide$dir"
            [ -e "/run/hide$dir/$what" ] || mknod "/run/hide$dir/$what" c 0 0
          done < <(PATH=$CLUSTER_PATH type -aP "$what") ;;
    esac
  done < <(values "$1" "$CLUSTER_HIDE" | tr , '\n')
  [ -d /run/hide ] || [ ${#paths[@]} -gt 0 ] || return 0
  mkdir -p /run/hide
  while read -r found; do
    dir=${found#/run/hide}
    mount -t overlay -o "ro,lowerdir=$found:$dir" overlay "$dir"
  done < <(find /run/hide -type c -printf '%h\n' | sort -u)
  mkdir -p /run/hide/.folder
  : > /run/hide/.file
  for what in "${paths[@]}"; do
    if [ -d "$what" ]; then mount --bind /run/hide/.folder "$what"
    elif [ -e "$what" ]; then mount --bind /run/hide/.file "$what"; fi
  done
}

private_dev() {                   # a /dev of its own, so that each node can have (fake) devices
  local dev=$1 i entry major minor
  mount -t tmpfs -o mode=755,nosuid dev "$dev"
  mkdir "$dev"/{pts,shm,net}
  for entry in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0 fuse:10:229 net/tun:10:200; do
    IFS=: read -r entry major minor <<<"$entry"
    mknod -m 666 "$dev/$entry" c "$major" "$minor"
  done
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$dev/pts"
  mount -t tmpfs -o mode=1777,nosuid,nodev shm "$dev/shm"
  ln -s pts/ptmx "$dev/ptmx"
  ln -s /proc/self/fd "$dev/fd"
  for i in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${i%:*}" "$dev/${i#*:}"; done
  # an unused major: a GPU that is not allocated must not share its number with /dev/null
  for ((i = 0; i < $2; i++)); do mknod -m 666 "$dev/fakegpu$i" c 240 "$i"; done
  mount --move "$dev" /dev
}

private_sys() {                   # /sys of the own network; the own cgroup is the root
  local controllers d
  controllers=$(cgroup_controllers)
  umount -R /sys
  mount -t sysfs -o nosuid,nodev,noexec sysfs /sys
  # no "unified" tree beside v1: crun refuses to work with the hybrid layout
  if [ -n "$controllers" ]; then
    mount -t tmpfs -o mode=755,nosuid,nodev,noexec cgroup /sys/fs/cgroup
    for d in $controllers; do
      mkdir "/sys/fs/cgroup/$d"
      mount -t cgroup -o "$d" cgroup "/sys/fs/cgroup/$d"
    done
  else
    mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 /sys/fs/cgroup
  fi
}

private_tmp() {                   # /tmp and /var/tmp, in which shared folders keep their paths
  local n=$1 home=$BASE/nodes/$1 shared=() i d opts
  IFS=: read -r -a shared <<<"$BASE:$CHECKOUT${CLUSTER_SHARE:+:$CLUSTER_SHARE}"
  for i in "${!shared[@]}"; do
    mkdir -p "/run/shared/$i"
    mount --rbind "${shared[i]}" "/run/shared/$i"
  done
  mount --bind "$home/var-tmp" /var/tmp
  d=$(values "$n" "$CLUSTER_TMP_SIZE" | tail -n 1)
  if [ -n "$d" ]; then mount -t tmpfs -o "mode=1777,nosuid,nodev,size=$d" tmp /tmp
  else mount --bind "$home/tmp" /tmp; fi
  for i in "${!shared[@]}"; do
    d=${shared[i]}
    case $d/ in
      /tmp/*|/var/tmp/*)
        mkdir -p "$d"
        [ "$d" -ef "/run/shared/$i" ] || mount --move "/run/shared/$i" "$d" ;;
    esac
    if mountpoint -q "/run/shared/$i"; then umount -l "/run/shared/$i"; fi
  done
  opts=$(values "$n" "$CLUSTER_TMP_MODE" | tail -n 1)
  [ -z "$opts" ] || chmod "$opts" /tmp
  opts=$(values "$n" "$CLUSTER_TMP_OPTS" | paste -sd,)
  [ -z "$opts" ] || mount -o "remount,bind,$opts" /tmp
}

# Another root; the base folder, the checkout and what is shared keep their paths.
enter_root() {
  local seen d
  IFS=: read -r -a seen <<<"/proc:/sys:/dev:$BASE:$CHECKOUT${CLUSTER_SHARE:+:$CLUSTER_SHARE}"
  mount --rbind "$CLUSTER_ROOT" "$CLUSTER_ROOT"
  for d in "${seen[@]}"; do
    mkdir -p "$CLUSTER_ROOT$d"
    mount --rbind "$d" "$CLUSTER_ROOT$d"
  done
  touch "$CLUSTER_ROOT/etc/hosts"               # which a minimal Debian lacks
  cd "$CLUSTER_ROOT"
  pivot_root . run
  cd /
  umount -l /run
}

# Runs as pid 1 of the new namespaces.
init() {
  local n=$1 home=$BASE/nodes/$1 outer d i
  load
  read -r outer _ < /proc/self/stat            # still the outer /proc: our outer pid
  if [ "${2:-}" != inside ]; then
    echo "$outer $(starttime "$outer")" > "$BASE/state/$n.pid.new"
    for d in $(cgroup_controllers) unified; do # our own cgroup, then its namespace
      d=/sys/fs/cgroup/$d/$CLUSTER_CGROUP/$n
      mkdir -p "$d" 2>/dev/null || continue
      if [ -e "$d/cpuset.cpus" ]; then
        for i in cpus mems; do
          cat "$d/../../cpuset.$i" > "$d/../cpuset.$i"
          cat "$d/../../cpuset.$i" > "$d/cpuset.$i"
        done
      fi
      echo 0 > "$d/cgroup.procs"
    done
    [ -z "$CLUSTER_ROOT" ] || enter_root
    exec unshare --cgroup bash "$PROG" __init "$n" inside
  fi
  mv "$BASE/state/$n.pid.new" "$BASE/state/$n.pid"
  hostname "$n"
  mkdir -p "$home"/{tmp,var-tmp,spool,dev}
  chmod 1777 "$home/tmp" "$home/var-tmp"

  mount -t proc -o nosuid,nodev,noexec proc /proc
  private_sys
  private_dev "$home/dev" "$([ "$n" = head ] && echo 0 || echo "$CLUSTER_GPUS")"
  mount -t tmpfs -o mode=755,nosuid,nodev run /run
  mkdir -p /run/munge /run/lock
  for i in 0 1; do install -d -m 700 -o $((CLUSTER_UID + i)) -g $((CLUSTER_UID + i)) "/run/user/$((CLUSTER_UID + i))"; done
  for d in passwd group hosts subuid subgid; do
    if [ -e "/etc/$d" ]; then mount --bind "$BASE/etc/$d" "/etc/$d"; fi
  done
  mount --bind "$BASE/etc/slurm" /etc/slurm
  mount --bind "$home/spool" /var/spool
  private_tmp "$n"
  hide "$n"

  wait_file "$BASE/state/$n.net" 20 || die "no network"
  install -m 400 "$BASE/etc/munge.key" /run/munge/munge.key
  munged --key-file=/run/munge/munge.key --socket=/run/munge/munge.socket.2 \
    --pid-file=/run/munge/munged.pid --seed-file=/run/munge/seed \
    --log-file="$BASE/log/$n.munged.log" --num-threads=2 --force
  if [ "$n" = head ]; then
    mkdir -p /var/spool/slurmctld
    slurmctld
  else
    for i in $CLUSTER_PORTS; do
      socat -b 262144 "TCP-LISTEN:$i,bind=127.0.0.1,reuseaddr,fork,backlog=128" "TCP:$HEADIP:$i,connect-timeout=5" &
      echo $! > "/run/forward.$i.pid"
    done
    mkdir -p /var/spool/slurmd
    start_slurmd "$n"
  fi
  : > "$BASE/state/$n.up"
  sleep "$CLUSTER_TTL" &
  i=$!
  while kill -0 "$i" 2>/dev/null; do wait "$i" || true; done   # bash, as pid 1, reaps orphans
}

# --- the cluster -------------------------------------------------------------------------

write_etc() {                     # bound over /etc of the nodes; the machine is not changed
  local i name f=$BASE/etc
  for i in passwd group; do grep -v "^$CLUSTER_USER2\?:" "/etc/$i" > "$f/$i"; done
  : > "$f/subuid"
  for i in 0 1; do
    name=$CLUSTER_USER$([ $i = 0 ] || echo 2)
    install -d -m 755 -o $((CLUSTER_UID + i)) -g $((CLUSTER_UID + i)) "$BASE/home/$name"
    echo "$name:x:$((CLUSTER_UID + i)):$((CLUSTER_UID + i)):job user:$BASE/home/$name:/bin/bash" >> "$f/passwd"
    echo "$name:x:$((CLUSTER_UID + i)):" >> "$f/group"
    echo "$name:$((1000000 + i * 65536)):65536" >> "$f/subuid"
  done
  cp "$f/subuid" "$f/subgid"
  { echo "127.0.0.1 localhost"
    for i in $(names); do echo "$(ip_of "$i") $i"; done; } > "$f/hosts"
  dd if=/dev/urandom of="$f/munge.key" bs=1024 count=1 status=none
  chmod 600 "$f/munge.key"
}

write_slurm() {
  local i n key gres feature list='' c=$BASE/etc/slurm
  mkdir -p "$c/plugstack.conf.d"
  if [ -n "${CLUSTER_ETC:-}" ]; then cp -rL "$CLUSTER_ETC"/. "$c/"; fi
  if [ -n "${CLUSTER_PLUGSTACK:-}" ]; then cp "$CLUSTER_PLUGSTACK" "$c/plugstack.conf"
  elif [ ! -e "$c/plugstack.conf" ]; then
    echo "include /etc/slurm/plugstack.conf.d/*.conf" > "$c/plugstack.conf"
  fi
  if [ ! -e "$c/cgroup.conf" ]; then
    { echo CgroupMountpoint=/sys/fs/cgroup
      if [ -n "$(cgroup_controllers)" ]; then printf 'CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n'
      else printf 'CgroupPlugin=cgroup/v2\nIgnoreSystemd=yes\n'; fi
      printf 'ConstrainRAMSpace=yes\nConstrainDevices=yes\n'; } > "$c/cgroup.conf"
  fi
  : > "$c/gres.conf"
  {
    cat <<CONF
ClusterName=berth
SlurmctldHost=head($HEADIP)
SlurmUser=root
AuthType=auth/munge
SlurmctldPort=6817
SlurmdPort=6818
SrunPortRange=6830-6899
StateSaveLocation=/var/spool/slurmctld
SlurmdSpoolDir=/var/spool/slurmd
SlurmctldPidFile=/run/slurmctld.pid
SlurmdPidFile=/run/slurmd.pid
SlurmctldLogFile=$BASE/log/slurmctld.log
SlurmdLogFile=$BASE/log/%n.slurmd.log
SlurmctldDebug=info
SlurmdDebug=info
MpiDefault=none
ProctrackType=$CLUSTER_PROCTRACK
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=5
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=2,sched_interval=5,nohold_on_prolog_fail
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=100
SlurmdParameters=config_overrides
PlugStackConfig=/etc/slurm/plugstack.conf
ReturnToService=2
JobRequeue=1
SlurmdTimeout=6
SlurmctldTimeout=6
MessageTimeout=4
TCPTimeout=2
AuthInfo=cred_expire=8
KillWait=3
MinJobAge=300
InactiveLimit=0
UnkillableStepTimeout=30
CompleteWait=0
CONF
    if [ "$CLUSTER_GPUS" -gt 0 ]; then echo "GresTypes=gpu"; fi
    for ((i = 1; i <= CLUSTER_NODES; i++)); do
      n=n$i gres='' feature=rack$(((i + 1) / 2))
      if listed "$n" "$CLUSTER_NOUSERNS"; then feature=$feature,nouserns; else feature=$feature,userns; fi
      if [ "$CLUSTER_GPUS" -gt 0 ]; then
        gres=" Gres=gpu:fake:$CLUSTER_GPUS"
        echo "NodeName=$n Name=gpu Type=fake File=/dev/fakegpu[0-$((CLUSTER_GPUS - 1))]" >> "$c/gres.conf"
      fi
      echo "NodeName=$n NodeAddr=$(ip_of "$n") CPUs=$CLUSTER_CPUS Boards=1 SocketsPerBoard=1 CoresPerSocket=$CLUSTER_CPUS ThreadsPerCore=1 RealMemory=$CLUSTER_MEM Feature=$feature$gres State=UNKNOWN"
      list=$list,$n
    done
    echo "PartitionName=batch Nodes=${list#,} Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO"
  } > "$c/slurm.conf"
  if [ -n "${CLUSTER_CONF:-}" ]; then          # a key given there replaces ours
    while IFS='=' read -r key _; do
      case $key in ''|\#*|NodeName|PartitionName) ;; *) sed -i "/^$key=/Id" "$c/slurm.conf" ;; esac
    done < "$CLUSTER_CONF"
    cat "$CLUSTER_CONF" >> "$c/slurm.conf"
  fi
}

reaches() { setpriv --reuid "$CLUSTER_UID" --regid "$CLUSTER_UID" --clear-groups test -x "$1"; }

up() {
  local n i
  [ "$(id -u)" = 0 ] || die "must be root"
  [ ! -e "$BASE/state/settings" ] || die "already up under $BASE (use: down)"
  for i in slurmctld slurmd munged unshare nsenter setpriv ip socat; do
    command -v "$i" >/dev/null || die "$i is missing (run install.sh)"
  done
  CLUSTER_NODES=${1:-3}
  [[ $CLUSTER_NODES =~ ^[1-9][0-9]?$ ]] || die "'$CLUSTER_NODES' is not a number of nodes"
  mkdir -p "$BASE"/{state,log,etc,nodes,home}
  BASE=$(readlink -f "$BASE")
  chmod 755 "$BASE"
  CLUSTER_CPUS=${CLUSTER_CPUS:-16}
  CLUSTER_MEM=${CLUSTER_MEM:-4000}
  CLUSTER_GPUS=${CLUSTER_GPUS:-2}
  CLUSTER_USER=${CLUSTER_USER:-hpcuser}
  CLUSTER_USER2=${CLUSTER_USER}2
  CLUSTER_UID=${CLUSTER_UID:-20001}
  CLUSTER_SHARE=${CLUSTER_SHARE:-}
  CLUSTER_ROOT=${CLUSTER_ROOT:-}
  CLUSTER_PROCTRACK=${CLUSTER_PROCTRACK:-proctrack/linuxproc}
  CLUSTER_PORTS=${CLUSTER_PORTS:-5000}
  CLUSTER_PATH=${CLUSTER_PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}
  CLUSTER_PASS=${CLUSTER_PASS:-JAVA_HOME LANG TERM}
  CLUSTER_TTL=${CLUSTER_TTL:-3h}
  CLUSTER_NOUSERNS=${CLUSTER_NOUSERNS:-}
  CLUSTER_HIDE=${CLUSTER_HIDE:-}
  CLUSTER_TMP_SIZE=${CLUSTER_TMP_SIZE:-}
  CLUSTER_TMP_MODE=${CLUSTER_TMP_MODE:-}
  CLUSTER_TMP_OPTS=${CLUSTER_TMP_OPTS:-}
  CLUSTER_CGROUP=berth-cluster.$(printf %s "$BASE" | cksum | cut -d' ' -f1)
  reaches "$BASE" || { rm -rf "$BASE/state"; die "uid $CLUSTER_UID cannot reach $BASE (a parent folder of mode 700?)"; }
  reaches "$CHECKOUT" || echo "cluster: warning: jobs of uid $CLUSTER_UID cannot reach $CHECKOUT" >&2
  for i in NODES CPUS MEM GPUS USER USER2 UID SHARE ROOT PROCTRACK PORTS PATH PASS TTL NOUSERNS HIDE \
           TMP_SIZE TMP_MODE TMP_OPTS CGROUP; do
    i=CLUSTER_$i
    printf '%s=%q\n' "$i" "${!i}"
  done > "$BASE/state/settings"
  trap 'if [ $? != 0 ]; then CLUSTER_KEEP_LOGS=1 CLUSTER_BASE=$BASE bash "$PROG" down; fi' EXIT
  write_etc
  write_slurm
  for n in $(names); do boot "$n"; done
  for n in $(names); do wire "$n"; done
  wait_idle 30 || {
    timeout 15 bash "$PROG" status || true
    tail -n 5 "$BASE"/log/*.log >&2
    die "the nodes did not become idle"
  }
}

wait_up() {                       # until NODE's daemons are started
  local i
  for ((i = 0; i < 1000; i++)); do
    [ ! -e "$BASE/state/$1.up" ] || return 0
    hostpid "$1" >/dev/null || return 1
    sleep 0.02
  done
  return 1
}
wait_idle() {                     # wait_idle SECONDS: until every node is idle
  local n end=$((SECONDS + $1))
  for n in $(names); do wait_up "$n" || return 1; done
  while [ $SECONDS -lt "$end" ]; do
    n=$(enter head timeout 3 sinfo -h -N -p batch -o '%N %T' 2>/dev/null | grep -c ' idle$' || true)
    [ "$n" != "$CLUSTER_NODES" ] || return 0
    sleep 0.1
  done
  return 1
}

down() {
  local n pid
  [ -f "$BASE/state/settings" ] || { rm -rf "${BASE:?}/state"; return 0; }
  load
  for n in $(names); do
    if pid=$(hostpid "$n"); then kill -KILL "$pid" 2>/dev/null || true; fi
  done
  for n in $(names); do power_off "$n"; done
  find /sys/fs/cgroup -mindepth 1 -maxdepth 2 -type d -name "$CLUSTER_CGROUP" 2>/dev/null |
    while read -r n; do find "$n" -depth -type d -exec rmdir {} \; ; done
  if [ "${CLUSTER_KEEP_LOGS:-}" = 1 ]; then rm -rf "${BASE:?}"/{state,etc,nodes,home,registry}
  else rm -rf --one-file-system "${BASE:?}"; fi
}

status() {
  local n pid
  load
  for n in $(names); do
    if pid=$(hostpid "$n"); then
      printf '%-5s %-13s pid %-7s %s\n' "$n" "$(ip_of "$n")" "$pid" \
        "$(nsenter -t "$pid" -p -m -- ps -e -o comm= | grep -E '^(munged|slurm|socat|docker-reg)' |
          sort | uniq -c | awk '{printf "%s%s ", $2, ($1 > 1 ? "x" $1 : "")}')"
    else
      printf '%-5s %-13s off\n' "$n" "$(ip_of "$n")"
    fi
  done
  enter head timeout 10 sinfo -N -o '%6N %8T %3c %6m %20f %12G %E'
}

run() {                           # the exec command
  local user=$CLUSTER_USER dir='' home=/root o v n pid uid vars as
  while getopts u:d: o; do case $o in u) user=$OPTARG ;; d) dir=$OPTARG ;; *) exit 2 ;; esac; done
  shift $((OPTIND - 1))
  [ $# -gt 1 ] || die "exec: NODE and CMD are needed"
  n=$1
  shift
  pid=$(hostpid "$n") || die "$n is not running"
  as=(setpriv --pdeathsig TERM)   # so that the command ends when the caller kills nsenter
  vars=(PATH="$CLUSTER_PATH" USER="$user" LOGNAME="$user" SHELL=/bin/bash)
  if [ "$user" != root ]; then
    home=$BASE/home/$user
    uid=$(stat -c %u "$home" 2>/dev/null) || die "no user $user"
    as+=(--reuid "$uid" --regid "$uid" --init-groups)
    vars+=(XDG_RUNTIME_DIR="/run/user/$uid")
  fi
  vars+=(HOME="$home")
  for v in $CLUSTER_PASS; do [ -z "${!v+x}" ] || vars+=("$v=${!v}"); done
  exec nsenter -t "$pid" -m -u -i -n -p -C --wdns="${dir:-$home}" -- "${as[@]}" env -i "${vars[@]}" "$@"
}

fill() {                          # fill NODE [KB]
  # shellcheck disable=SC2016  # for the shell of the node
  enter "$1" sh -c '
    [ "$(stat -f -c %T /tmp)" = tmpfs ] || { echo "cluster: /tmp is not a tmpfs (CLUSTER_TMP_SIZE)" >&2; exit 1; }
    free=$(($(stat -f -c "%f * %S" /tmp) / 1024 - $1))
    [ $free -le 0 ] || dd if=/dev/zero of=/tmp/.fill.$$ bs=1K count=$free 2>/dev/null || true' sh "${2:-0}"
}

case ${1:-} in
  __init) init "${@:2}" ;;
  __slurmd) load; start_slurmd "$2" ;;
  up) up "${@:2}" ;;
  down) down ;;
  status) status ;;
  exec) load; run "${@:2}" ;;
  registry)
    load
    case ${2:-} in
      start) set -- "$1" start --addr 0.0.0.0 --port "${CLUSTER_PORTS%% *}" "${@:3}" ;;
      stop|status|log|clear) ;;
      *) die "registry: start, stop, status, log or clear" ;;
    esac
    enter head env "BERTH_TEST_REGISTRY=$BASE/registry" bash "$HERE/registry.sh" "${@:2}" ;;
  images)
    load
    bash "$HERE/images.sh" build "${@:2}"
    pid=$(hostpid head) || die "head is not running"
    # the files of the machine, the network of the head
    nsenter -t "$pid" -n bash "$HERE/images.sh" push "127.0.0.1:${CLUSTER_PORTS%% *}" "${@:2}" ;;
  cut) load; node "${2:-}"; enter head ip link set "v-$2" down ;;
  heal)
    load; node "${2:-}"
    enter head ip link set "v-$2" up
    # until the head is reached again; then slurmd registers at once, not within half a minute
    # shellcheck disable=SC2016  # for the shell of the node
    enter "$2" bash -c '
      for ((i = 0; i < 50; i++)); do
        if timeout 1 bash -c "</dev/tcp/$0/6817"; then break; fi
        sleep 0.1
      done
      kill -HUP "$(cat /run/slurmd.pid)"' "$HEADIP" 2>/dev/null || true ;;
  kill) load; node "${2:-}"; power_off "$2" ;;
  boot)
    load; node "${2:-}"
    if hostpid "$2" >/dev/null; then die "$2 is running"; fi
    rm -rf "${BASE:?}/nodes/$2/tmp"
    boot "$2"; wire "$2"
    wait_up "$2" || die "$2 did not come up" ;;
  fill) load; node "${2:-}"; fill "${@:2}" ;;
  unfill) load; node "${2:-}"; enter "$2" sh -c 'rm -f /tmp/.fill.*' ;;
  slurmd-stop) load; node "${2:-}"; enter "$2" sh -c "kill -${3:-KILL} \"\$(cat /run/slurmd.pid)\"" ;;
  slurmd-start) load; node "${2:-}"; enter "$2" bash "$PROG" __slurmd "$2" ;;
  reconfigure) load; enter head scontrol reconfigure ;;
  *) sed -n '3,/^set -e/s/^# \{0,1\}//p' "$PROG" >&2; exit 2 ;;
esac
