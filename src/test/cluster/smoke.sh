#!/usr/bin/env bash
#
# smoke.sh - proves that this machine can run the cluster of the tests: nodes, jobs, MPI on
# the host, the registry from every node, the defects a node can be given. Needs root.
# Ends with "N passed, N failed".   smoke.sh [--mpi-image]  also builds and pushes openmpi.
set -euo pipefail

HERE=$(dirname "$(readlink -f "$0")")
work=$(mktemp -d)
chmod 755 "$work"
export CLUSTER_BASE=$work/cluster CLUSTER_KEEP_LOGS=
passed=0 failed=0

cluster() { "$HERE/cluster.sh" "$@"; }
on() { timeout 90 "$HERE/cluster.sh" exec "$@" 2>&1; }        # on NODE CMD..., as the job user
check() {                         # check NAME PATTERN ACTUAL
  # shellcheck disable=SC2053     # a pattern
  if [[ $3 == $2 ]]; then passed=$((passed + 1)); echo "ok    $1"
  else failed=$((failed + 1)); echo "FAIL  $1: wanted '$2', got '$3'"; fi
}
code() { local rc=0; "$@" >/dev/null 2>&1 || rc=$?; echo "$rc"; }
ms() { echo $(($(date +%s%N) / 1000000)); }
trap 'cluster down || true; rm -rf --one-file-system "$work"' EXIT

"$HERE/install.sh" --check >/dev/null || { echo "smoke: packages are missing, run install.sh" >&2; exit 1; }
begin=$(ms)
CLUSTER_NOUSERNS=n2 CLUSTER_HIDE=n3:proot,crun CLUSTER_TMP_SIZE=n2:8m CLUSTER_TMP_OPTS=n3:noexec \
  cluster up 3
echo "up in $(($(ms) - begin)) ms"
pids=$(cut -d' ' -f1 "$CLUSTER_BASE"/state/*.pid)

tasks=$(on head srun -N3 -n12 hostname)
check "12 tasks" "12" "$(wc -l <<<"$tasks")"
check "on 3 nodes" "n1 n2 n3" "$(sort -u <<<"$tasks" | xargs)"
check "as the job user" "hpcuser" "$(on head srun -n1 id -un)"
check "the checkout is seen" "0" "$(code on n3 test -r "$HERE/cluster.sh")"
# shellcheck disable=SC2016      # for the shell of the job
check "sbatch" "batch n1*" "$(on head sbatch -W -w n1 -o out --wrap 'echo batch $(hostname)' >/dev/null; on head cat out)"
check "private /tmp" "2" "$(on n1 touch /tmp/mine; code on n2 ls /tmp/mine)"

address=$(cluster registry start)
check "registry address" "127.0.0.1:5000" "$address"
cluster images busybox multi zstd
for n in head n1 n2 n3; do
  check "registry from $n" "200 200" "$(on "$n" sh -c "for h in $address head:5000; do curl -s -o /dev/null -w '%{http_code} ' http://\$h/v2/; done" | sed 's/ $//')"
done
cluster registry clear
on n2 curl -s -o /dev/null "http://$address/v2/berth/busybox/manifests/latest"
check "access log tells the node" '198.18.0.12 *"GET /v2/berth/busybox/manifests/latest *" 200 *' "$(cluster registry log)"

mkdir "$CLUSTER_BASE/home/bin"
"$HERE/images.sh" hello "$CLUSTER_BASE/home/bin/mpi_hello"
check "OpenMPI through PMIx" "6 ranks" "$(on head srun --mpi=pmix -N3 --ntasks-per-node=2 "$CLUSTER_BASE/home/bin/mpi_hello" | grep -c '^rank [0-5] of 6 on n[1-3] sum 21$') ranks"
if [ "${1:-}" = --mpi-image ]; then
  cluster images openmpi
  check "openmpi image" "200" "$(on n3 curl -s -o /dev/null -w '%{http_code}' "http://$address/v2/berth/openmpi/manifests/oci" -H 'Accept: application/vnd.oci.image.manifest.v1+json')"
fi

check "user namespaces" "0" "$(on head srun -w n1 unshare -r id -u)"
check "no user namespaces" "*not permitted*" "$(on head srun -w n2 unshare -r id -u || true)"
check "program there" "/usr/bin/proot" "$(on n1 which proot)"
check "program hidden" "1" "$(code on n3 which proot)"
check "program next to it" "0" "$(code on n3 which curl)"
check "small /tmp" "1" "$(code on n2 dd if=/dev/zero of=/tmp/big bs=1M count=9)"
on n2 rm -f /tmp/big
cluster fill n2 64
check "full /tmp" "1" "$(code on n2 dd if=/dev/zero of=/tmp/big bs=1K count=128)"
cluster unfill n2
check "free again" "0" "$(code on n2 dd if=/dev/zero of=/tmp/big bs=1K count=128)"
check "noexec /tmp" "126" "$(on n3 cp /bin/true /tmp/true; code on n3 sh -c /tmp/true)"

cluster cut n3
check "cut off" "@(7|28)" "$(code on n3 curl -s --connect-timeout 2 http://head:5000/v2/)"
cluster heal n3
check "healed" "0" "$(code on n3 curl -s "http://$address/v2/")"
cluster kill n1
cluster boot n1
for _ in $(seq 100); do [ "$(on head sinfo -h -n n1 -o %T)" != idle ] || break; sleep 0.1; done
check "power cycle" "n1" "$(on head srun -w n1 hostname)"

begin=$(ms)
cluster down
echo "down in $(($(ms) - begin)) ms"
left=0
for n in $pids; do if [ -e "/proc/$n" ]; then left=$((left + 1)); fi; done
check "nothing left" "0 0" "$left $(find "$work" -mindepth 1 | wc -l)"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
