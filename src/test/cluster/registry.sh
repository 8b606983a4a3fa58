#!/usr/bin/env bash
#
# registry.sh - the image registry of the tests: Debian's docker-registry.
#
#   registry.sh start [OPTION...]   start it and wait until it answers; prints ADDRESS:PORT
#   registry.sh stop                stop the recorded process (waits until it is gone)
#   registry.sh status              print ADDRESS:PORT; 1 when it does not run
#   registry.sh log                 print the access log
#   registry.sh clear               empty the access log
#   registry.sh serve [OPTION...]   the same as start, in the foreground
#
#   --dir DIR           data, logs, pid and configuration
#                       (every command; default $BERTH_TEST_REGISTRY, else ${TMPDIR:-/tmp}/berth-registry)
#   --addr ADDRESS      listen here (127.0.0.1)
#   --port PORT         listen here; 0 takes a free one (5000)
#   --htpasswd FILE     ask for a user of FILE (made with: htpasswd -Bbn USER PASSWORD)
#   --tls CERT KEY      speak https
#   --token REALM SERVICE ISSUER ROOTCERT
#                       ask for a bearer token of the service at REALM, signed under ROOTCERT
#   --read-only         refuse pushes
#   --extra FILE        append FILE to the configuration
#
# DIR/access.log has one line per request in Apache's combined format: who asked (a node
# of the cluster has an address of its own), what, the status, the bytes, the user agent.
# DIR/data stays after `stop`, so a second start serves the same images.
set -euo pipefail

die() { echo "registry: $*" >&2; exit 1; }

command=${1:-}; shift || true
dir=${BERTH_TEST_REGISTRY:-${TMPDIR:-/tmp}/berth-registry}
addr=127.0.0.1 port=5000 htpasswd='' cert='' key='' token=() readonly=false extra=''
need() { [ "$1" -ge "$2" ] || die "$3 needs $(($2 - 1)) value(s)"; }
while [ $# -gt 0 ]; do
  case $1 in
    --dir) need $# 2 "$1"; dir=$2; shift 2 ;;
    --addr) need $# 2 "$1"; addr=$2; shift 2 ;;
    --port) need $# 2 "$1"; port=$2; shift 2 ;;
    --htpasswd) need $# 2 "$1"; htpasswd=$(readlink -f "$2"); shift 2 ;;
    --tls) need $# 3 "$1"; cert=$(readlink -f "$2") key=$(readlink -f "$3"); shift 3 ;;
    --token) need $# 5 "$1"; token=("$2" "$3" "$4" "$(readlink -f "$5")"); shift 5 ;;
    --read-only) readonly=true; shift ;;
    --extra) need $# 2 "$1"; extra=$(readlink -f "$2"); shift 2 ;;
    *) die "unknown option $1" ;;
  esac
done

starttime() {                     # the 22nd field of /proc/PID/stat: a reused pid differs
  local s
  s=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  read -ra s <<<"${s##*) }"
  echo "${s[19]}"
}
running() {                       # prints the pid
  local pid start
  [ -s "$dir/pid" ] || return 1
  read -r pid start < "$dir/pid"
  [ "$(starttime "$pid")" = "$start" ] || return 1
  echo "$pid"
}

write_config() {
  mkdir -p "$dir/data"
  dir=$(readlink -f "$dir")
  {
    cat <<YML
version: 0.1
log: {level: info, accesslog: {disabled: false}}
storage:
  filesystem: {rootdirectory: "$dir/data"}
  delete: {enabled: true}
  maintenance: {readonly: {enabled: $readonly}}
http:
  addr: "$addr:$port"
  secret: only-for-tests
YML
    [ -z "$cert" ] || printf '  tls: {certificate: "%s", key: "%s"}\n' "$cert" "$key"
    [ -z "$htpasswd" ] || printf 'auth:\n  htpasswd: {realm: berth-test, path: "%s"}\n' "$htpasswd"
    [ ${#token[@]} = 0 ] || printf 'auth:\n  token: {realm: "%s", service: "%s", issuer: "%s", rootcertbundle: "%s"}\n' "${token[@]}"
    [ -z "$extra" ] || cat "$extra"
  } > "$dir/config.yml"
}

start() {
  local pid i where
  command -v docker-registry >/dev/null || die "docker-registry is missing"
  if pid=$(running); then die "already runs, pid $pid (use: stop)"; fi
  write_config
  : > "$dir/registry.log"
  : > "$dir/access.log"
  # access lines go to its standard output, all else to standard error
  setsid docker-registry serve "$dir/config.yml" </dev/null >>"$dir/access.log" 2>>"$dir/registry.log" &
  pid=$!
  echo "$pid $(starttime "$pid")" > "$dir/pid" || die "ended at once, see $dir/registry.log"
  for ((i = 0; i < 500; i++)); do
    where=$(sed -n 's/.*msg="listening on \([^ ",]*\).*/\1/p' "$dir/registry.log")
    [ -z "$where" ] || break
    running >/dev/null || { tail -n 3 "$dir/registry.log" >&2; die "ended at once"; }
    sleep 0.02
  done
  [ -n "$where" ] || { stop; die "does not answer, see $dir/registry.log"; }
  # listening on all addresses shows up as [::]
  echo "${where/\[::\]/127.0.0.1}" | tee "$dir/address"
}

stop() {
  local pid i
  if pid=$(running); then
    kill "$pid"
    for ((i = 0; i < 250; i++)); do running >/dev/null || break; sleep 0.02; done
    if running >/dev/null; then kill -KILL "$pid"; fi
  fi
  rm -f "$dir/pid" "$dir/address"
}

case $command in
  start) start ;;
  serve) write_config; exec docker-registry serve "$dir/config.yml" ;;
  stop) stop ;;
  status) running >/dev/null || { echo stopped; exit 1; }; cat "$dir/address" ;;
  log) cat "$dir/access.log" ;;
  clear) : > "$dir/access.log" ;;
  *) sed -n '3,/^set -e/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
