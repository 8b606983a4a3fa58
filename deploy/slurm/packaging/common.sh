# shellcheck shell=bash disable=SC2034
# What the packages for Debian and for RPM have in common; sourced with WHAT IT IS CALLED, VERSION and perhaps FOLDER.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
version=${2:?usage: $1 VERSION [FOLDER]}
folder=$(readlink -f "${3:-.}")
home=${BERTH_HOME:-/opt/berth}
source=$here/../../../slurm-spank              # in the checkout; else beside this file, as in the distribution
[ -e "$source/plugin.c" ] || source=$here/..

number=$(printf '#include <slurm/slurm.h>\nSLURM_VERSION_NUMBER\n' | "${CC:-gcc}" -E -P - | tail -n 1)
release=$((number >> 16 & 255)).$(printf '%02d' $((number >> 8 & 255)))
next=$((number >> 16 & 255)).$(printf '%02d' $(((number >> 8 & 255) + 1)))

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
