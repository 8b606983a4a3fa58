#!/usr/bin/env bash
#
# install.sh - installs the Debian packages of .ci/packages that are missing.
#
#   install.sh           install what is missing (root); says nothing and is quick when all is there
#   install.sh --check   only name what is missing; 1 when something is
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
list=${BERTH_PACKAGES:-$here/../../../.ci/packages}
policy=${BERTH_POLICY:-/usr/sbin/policy-rc.d}   # the other place is for a test of this script

die() { echo "install: $*" >&2; exit 1; }

missing() {
  local -A have=()
  local name
  while read -r name; do have[$name]=1; done < <(
    # shellcheck disable=SC2016  # the format is dpkg's
    dpkg-query -W -f '${db:Status-Abbrev}|${Package}\n' | sed -n 's/^.i *|//p')
  sed 's/#.*//; s/[[:space:]]//g; /^$/d' "$list" | while read -r name; do
    [ -n "${have[$name]:-}" ] || echo "$name"
  done
}

# Packages may start daemons when they are set up, unless policy-rc.d answers 101.
mark='# for the time of an install by berth'
ours() { grep -qsxF "$mark" "$policy"; }
guard() {
  local answer=0
  if ! ours; then
    if [ -x "$policy" ]; then "$policy" munge start >/dev/null 2>&1 || answer=$?; fi
    [ "$answer" != 101 ] || return 0
    if [ -e "$policy" ]; then mv "$policy" "$policy.before-berth"; fi
  fi
  trap restore EXIT
  printf '#!/bin/sh\n%s\nexit 101\n' "$mark" > "$policy"
  chmod 755 "$policy"
}
restore() {
  if [ -e "$policy.before-berth" ]; then mv -f "$policy.before-berth" "$policy"
  elif ours; then rm -f "$policy"; fi
}

[ -r "$list" ] || die "no package list at $list"
command -v apt-get >/dev/null || die "apt-get is missing: this script serves Debian and its kin"
mapfile -t wanted < <(missing)
[ ${#wanted[@]} -gt 0 ] || exit 0
if [ "${1:-}" = --check ]; then printf '%s\n' "${wanted[@]}"; exit 1; fi
[ "$(id -u)" = 0 ] || die "must be root to install: ${wanted[*]}"

echo "install: ${wanted[*]}"
export DEBIAN_FRONTEND=noninteractive
apt=(apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
guard
"${apt[@]}" update
"${apt[@]}" -o Dpkg::Use-Pty=0 install -y --no-install-recommends "${wanted[@]}" >/dev/null
mapfile -t wanted < <(missing)
[ ${#wanted[@]} = 0 ] || die "still missing: ${wanted[*]}"
