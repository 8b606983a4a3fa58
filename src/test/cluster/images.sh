#!/usr/bin/env bash
#
# images.sh - builds the images of the tests and pushes them to a registry.
#
#   images.sh build NAME...                       build what is not in the cache
#   images.sh push [OPTION...] ADDRESS NAME...    build, then push to ADDRESS/berth/NAME
#   images.sh path NAME                           print the OCI layout of a built image
#   images.sh drop                                empty the cache
#   images.sh hello FILE [MPI]                    only compile mpi_hello.c, into FILE, for openmpi or mpich
#   images.sh root SUITE [PACKAGE,...]            print a tar file of a minimal Debian SUITE (root)
#
# NAME: busybox   one layer, Debian's static busybox
#       multi     index of linux/amd64 and linux/arm64; /etc/platform tells which one
#       zstd      busybox with a zstd layer (OCI only)
#       openmpi   minimal Debian with openmpi-bin and /usr/local/bin/mpi_hello (root)
#       mpich     minimal Debian with MPICH's library and /usr/local/bin/mpi_hello (root)
#       bench     five layers, about 400 MB compressed, for benchmarks (root)
# Each is pushed twice: tag "latest" is Docker schema 2, tag "oci" is OCI (zstd: both OCI).
#
# Options: --creds USER:PASSWORD   --tls (https, any certificate; default plain http)
#          --namespace NS (berth)
# Settings (environment):
#   BERTH_TEST_CACHE    the cache (${XDG_CACHE_HOME:-$HOME/.cache}/berth-test)
#   BERTH_TEST_MIRROR   Debian mirror, BERTH_TEST_SUITE suite; both default to what apt of
#                       this machine uses. mpi_hello is compiled here: keep to its own suite.
#
# An image is built anew when this script, mpi_hello.c, the suite or busybox changes. Two
# runs at a time share one build.
set -euo pipefail
shopt -s inherit_errexit

HERE=$(dirname "$(readlink -f "$0")")
CACHE=${BERTH_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/berth-test}
PATHS=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

say() { echo "images: $*" >&2; }
die() { say "$*"; exit 1; }
need() { local c; for c in "$@"; do command -v "$c" >/dev/null || die "$c is missing (run install.sh)"; done; }
usage() { sed -n '3,/^set -e/s/^# \{0,1\}//p' "$0" >&2; exit 2; }

# --- this machine's Debian ---------------------------------------------------------------

mirror() {
  [ -z "${BERTH_TEST_MIRROR:-}" ] || { echo "$BERTH_TEST_MIRROR"; return; }
  # shellcheck disable=SC2016  # the format is apt's
  apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
    awk '$1 == "Debian" && $2 !~ /security|updates|backports/ && !u { u = $3 } END { print u }'
}
suite() {
  # shellcheck disable=SC1091
  if [ -n "${BERTH_TEST_SUITE:-}" ]; then echo "$BERTH_TEST_SUITE"; else (. /etc/os-release; echo "$VERSION_CODENAME"); fi
}
bootstrap() {                     # bootstrap FOLDER [PACKAGE,...]
  local from http_proxy https_proxy ca
  need debootstrap
  [ "$(id -u)" = 0 ] || die "debootstrap needs root"
  from=$(mirror)
  [ -n "$from" ] || die "apt knows no Debian mirror; set BERTH_TEST_MIRROR"
  # debootstrap loads with wget, which does not read apt's settings
  eval "$(apt-config shell http_proxy Acquire::http::Proxy https_proxy Acquire::https::Proxy ca Acquire::https::CAInfo)"
  [ -z "${http_proxy:-}" ] || export http_proxy
  [ -z "${https_proxy:-}" ] || export https_proxy
  [ -z "${ca:-}" ] || { echo "ca_certificate = $ca" > "$work/wgetrc"; export WGETRC=$work/wgetrc; }
  debootstrap --variant=minbase ${2:+--include="$2"} "$(suite)" "$1" "$from" > "$CACHE/debootstrap.log" 2>&1 ||
    { tail -n 5 "$CACHE/debootstrap.log" >&2; die "debootstrap failed, see $CACHE/debootstrap.log"; }
  rm -rf "$1"/var/cache/apt/archives/*.deb "$1"/var/lib/apt/lists/* "$1"/var/log/*.log
  : > "$1/etc/resolv.conf"
}
# A tar file of another suite's root, made once.
root() {                          # root SUITE [PACKAGE,...]
  local to
  to=$CACHE/root-$1${2:+-$(cksum <<<"$2" | cut -d' ' -f1)}.tar
  mkdir -p "$CACHE"
  exec 9> "$CACHE/.lock-root-$1"
  flock 9
  if [ ! -e "$to" ]; then
    say "build the root of $1"
    work=$(mktemp -d "$CACHE/.work-XXXXXX")
    (
      trap tidy EXIT
      BERTH_TEST_SUITE=$1 bootstrap "$work/root" "${2:-}"
      tar -C "$work/root" --exclude='./dev/*' --exclude='./var/cache/apt/*' -cf "$work/tar" .
      mv "$work/tar" "$to"
    )
  fi
  echo "$to"
}
hello() {                         # hello FILE [MPI]
  need "mpicc.${2:-openmpi}"
  "mpicc.${2:-openmpi}" -O2 -Wall -o "$1" "$HERE/mpi_hello.c"
}

# --- OCI layouts, written file by file ---------------------------------------------------

blob() {                          # blob FILE TYPE: move it into the layout, print its descriptor
  local sum size
  sum=$(sha256sum < "$1" | cut -d' ' -f1)
  size=$(stat -c %s "$1")
  mv "$1" "$out/blobs/sha256/$sum"
  printf '{"mediaType":"application/vnd.oci.image.%s","digest":"sha256:%s","size":%s}' "$2" "$sum" "$size"
}
# manifest ROOT gzip|zstd ARCHITECTURE CMD: an image of one layer; prints its descriptor
manifest() {
  local diff layer config
  tar -C "$1" --sort=name --numeric-owner --mtime=@1700000000 --format=pax \
    --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime -cf "$work/layer" .
  diff=$(sha256sum < "$work/layer" | cut -d' ' -f1)
  case $2 in
    gzip) gzip -n -3 < "$work/layer" > "$work/packed" ;;
    zstd) zstd -q < "$work/layer" > "$work/packed" ;;
  esac
  rm "$work/layer"
  layer=$(blob "$work/packed" "layer.v1.tar+$2")
  cat > "$work/config" <<JSON
{"created":"2023-11-14T22:13:20Z","architecture":"$3","os":"linux","config":{"Env":["PATH=$PATHS"],"Cmd":["$4"]},"rootfs":{"type":"layers","diff_ids":["sha256:$diff"]},"history":[{"created":"2023-11-14T22:13:20Z","created_by":"berth test images"}]}
JSON
  config=$(blob "$work/config" config.v1+json)
  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":%s,"layers":[%s]}' \
    "$config" "$layer" > "$work/manifest"
  layer=$(blob "$work/manifest" manifest.v1+json)
  echo "${layer%\}},\"platform\":{\"architecture\":\"$3\",\"os\":\"linux\"}}"
}
layout() {                        # layout DESCRIPTOR: make it the tag "latest" of the layout
  printf '{"schemaVersion":2,"manifests":[%s,"annotations":{"org.opencontainers.image.ref.name":"latest"}}]}' \
    "${1%\}}" > "$out/index.json"
}
one_layer() {                     # one_layer ROOT gzip|zstd CMD
  local image
  image=$(manifest "$1" "$2" "$(architecture)" "$3")
  layout "$image"
}

# --- the images: build_NAME fills the layout $out, using the scratch folder $work ---------

architecture() { dpkg --print-architecture; }
busybox_root() {                  # busybox_root FOLDER
  local r=$1 applet
  need busybox
  mkdir -p "$r"/{bin,sbin,etc,usr/bin,usr/sbin,var,tmp,root,home,dev,proc,sys,lib}
  chmod 1777 "$r/tmp"
  chmod 700 "$r/root"
  install -m 755 "$(command -v busybox)" "$r/bin/busybox"
  for applet in $(busybox --list); do [ "$applet" = busybox ] || ln -s busybox "$r/bin/$applet"; done
  printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' > "$r/etc/passwd"
  printf 'root:x:0:\nnogroup:x:65534:\n' > "$r/etc/group"
  printf 'NAME="berth test busybox"\nID=berth-test\nPRETTY_NAME="berth test busybox"\n' > "$r/etc/os-release"
}
build_busybox() { busybox_root "$work/root"; one_layer "$work/root" gzip sh; }
build_zstd() { need zstd; busybox_root "$work/root"; one_layer "$work/root" zstd sh; }
build_multi() {
  local a one list=''
  busybox_root "$work/root"
  for a in amd64 arm64; do
    echo "linux/$a" > "$work/root/etc/platform"
    one=$(manifest "$work/root" gzip "$a" sh)
    list=$list,$one
  done
  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[%s]}' \
    "${list#,}" > "$work/index"
  one=$(blob "$work/index" index.v1+json)
  layout "$one"
}
build_openmpi() {
  local r=$work/root
  hello "$work/mpi_hello"
  bootstrap "$r" openmpi-bin
  rm -rf "$r"/usr/share/{doc,man,info,locale}/*
  install -m 755 "$work/mpi_hello" "$r/usr/local/bin/mpi_hello"
  one_layer "$r" gzip bash
}
build_mpich() {
  local r=$work/root
  hello "$work/mpi_hello" mpich
  bootstrap "$r" libmpich12
  rm -rf "$r"/usr/share/{doc,man,info,locale}/*
  install -m 755 "$work/mpi_hello" "$r/usr/local/bin/mpi_hello"
  one_layer "$r" gzip bash
}

# bench: real packages in layers of different sizes, made by umoci.
groups=(
  "python3 python3-numpy python3-scipy"
  "gcc g++ gfortran make"
  "openmpi-bin libopenmpi-dev libhdf5-openmpi-dev"
  "perl-doc git cmake strace procps"
)
lend() {                          # lend ROOT: this machine's way to its mirror, during a layer
  local r=$1 f
  cp -a "$r/etc/apt" "$work/apt"
  cp /etc/resolv.conf "$r/etc/resolv.conf"
  rm -f "$r"/etc/apt/sources.list.d/*
  echo "deb $(mirror) $(suite) main" > "$r/etc/apt/sources.list"
  apt-config dump | grep '^Acquire::.*[^:]  *"' > "$r/etc/apt/apt.conf.d/99lent" || true
  f=$(apt-config dump --format '%v%n' Acquire::https::CAInfo)
  for f in /etc/ssl/certs/ca-certificates.crt $f; do
    if [ -e "$f" ] && [ ! -e "$r$f" ]; then install -D -m 644 "$f" "$r$f"; echo "$r$f" >> "$work/lent"; fi
  done
  printf '#!/bin/sh\nexit 101\n' > "$r/usr/sbin/policy-rc.d"
  chmod 755 "$r/usr/sbin/policy-rc.d"
  mount -t proc proc "$r/proc"
}
unlend() {
  local r=$1 f
  if mountpoint -q "$r/proc"; then umount "$r/proc"; fi
  [ -d "$work/apt" ] || return 0
  rm -rf "$r/etc/apt"
  mv "$work/apt" "$r/etc/apt"
  if [ -e "$work/lent" ]; then while read -r f; do rm -f "$f"; done < "$work/lent"; rm "$work/lent"; fi
  rm -rf "$r/usr/sbin/policy-rc.d" "$r"/var/cache/apt/* "$r"/var/lib/apt/lists/* "$r"/var/log/apt "$r/var/log/dpkg.log"
  : > "$r/etc/resolv.conf"
}
build_bench() {
  local r=$work/bundle/rootfs g packages log=$CACHE/bench.log
  need umoci
  rm -rf "$out"
  umoci init --layout "$out"
  umoci new --image "$out:latest"
  umoci unpack --image "$out:latest" "$work/bundle" >/dev/null
  bootstrap "$work/base"
  cp -a "$work/base/." "$r/"
  umoci repack --refresh-bundle --history.created_by bootstrap --image "$out:latest" "$work/bundle" >/dev/null
  : > "$log"
  for g in "${groups[@]}"; do
    say "bench: $g"
    read -ra packages <<<"$g"
    lend "$r"
    chroot "$r" apt-get -qq update >> "$log" 2>&1
    DEBIAN_FRONTEND=noninteractive chroot "$r" apt-get -qq -o Dpkg::Options::=--force-unsafe-io \
      install -y --no-install-recommends "${packages[@]}" >> "$log" 2>&1 || die "apt failed, see $log"
    unlend "$r"
    umoci repack --refresh-bundle --history.created_by "apt-get install $g" --image "$out:latest" "$work/bundle" >/dev/null
  done
  umoci config --image "$out:latest" --config.cmd bash --config.env "PATH=$PATHS"
  umoci gc --layout "$out" >/dev/null
  say "bench: $(find "$r" | wc -l) entries, $(du -sm "$r" | cut -f1) MB, compressed $(du -sm "$out" | cut -f1) MB"
}

# --- cache -------------------------------------------------------------------------------

key() {
  { cat "$0" "$HERE/mpi_hello.c"; suite; architecture
    cat "$(command -v busybox || echo /dev/null)"; } | sha256sum | cut -c1-16
}
path() { echo "$CACHE/$1-$(key)"; }
tidy() {                          # always leaves nothing mounted behind
  [ -n "${work:-}" ] || return 0
  if [ -d "$work/bundle" ]; then unlend "$work/bundle/rootfs"; fi
  if grep -qF " $work/" /proc/self/mounts; then say "left as it is, something is mounted: $work"; return; fi
  rm -rf --one-file-system "$work"
}
build() {
  local name=$1 to begin=$SECONDS
  [ "$(type -t "build_$name")" = function ] || die "no image $name (busybox multi zstd openmpi mpich bench)"
  to=$(path "$name")
  [ ! -e "$to/index.json" ] || return 0
  mkdir -p "$CACHE"
  exec 9> "$CACHE/.lock-$name"
  flock 9
  if [ ! -e "$to/index.json" ]; then
    say "build $name"
    work=$(mktemp -d "$CACHE/.work-XXXXXX")
    out=$work/oci
    mkdir -p "$out/blobs/sha256"
    echo '{"imageLayoutVersion":"1.0.0"}' > "$out/oci-layout"
    (
      trap tidy EXIT
      "build_$name"
      rm -rf "$CACHE/$name"-????????????????
      mv "$out" "$to"
    )
    chmod -R a+rX "$to"
    say "built $name in $((SECONDS - begin)) s, $(du -sm "$to" | cut -f1) MB"
  fi
  exec 9>&-
}

push() {
  local verify=--dest-tls-verify=false creds=() ns=berth address name from format
  need skopeo
  # skopeo tries https first and falls back to http; a registry with TLS answers https
  while [ $# -gt 0 ]; do
    case $1 in
      --creds) creds=(--dest-creds "$2"); shift 2 ;;
      --tls) shift ;;
      --namespace) ns=$2; shift 2 ;;
      -*) die "unknown option $1" ;;
      *) break ;;
    esac
  done
  [ $# -gt 1 ] || usage
  address=$1
  shift
  for name in "$@"; do
    build "$name"
    from=oci:$(path "$name"):latest
    for format in latest:v2s2 oci:oci; do
      [ "$name" != zstd ] || format=${format%:*}:oci
      skopeo copy -q --insecure-policy --all "$verify" "${creds[@]}" --format "${format#*:}" \
        "$from" "docker://$address/$ns/$name:${format%:*}"
    done
  done
}

case ${1:-} in
  build) [ $# -gt 1 ] || usage; for name in "${@:2}"; do build "$name"; done ;;
  push) push "${@:2}" ;;
  path) path "${2:?NAME}" ;;
  drop) rm -rf --one-file-system "${CACHE:?}"/{busybox,multi,zstd,openmpi,mpich,bench}-???????????????? "$CACHE"/root-*.tar ;;
  hello) hello "${2:?FILE}" "${3:-openmpi}" ;;
  root) root "${2:?SUITE}" "${3:-}" ;;
  *) usage ;;
esac
