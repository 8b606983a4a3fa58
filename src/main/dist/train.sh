#!/usr/bin/env bash
# Records the classes that real commands use into lib/berth-BUILD.aot and, for the light ones, lib/berth-BUILD-quick.aot; fails when the
# JVM will not take a cache.
#   train.sh DIST BUILD WORK
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
dist=$1 build=$2 work=$3
java=$dist/runtime/bin/java
jar=$dist/lib/berth-$build.jar
# the module options must be those of the front (src/main/c/berth/jvm.c), or the cache is refused
options=(-XX:+UseSerialGC -XX:-UsePerfData -XX:-UseContainerSupport --sun-misc-unsafe-memory-access=allow
    --enable-native-access=ALL-UNNAMED -Djava.util.logging.manager=org.jboss.logmanager.LogManager "-Djffi.boot.library.path=$dist/lib/native"
    "-DZstdNativePath=$dist/lib/native/libzstd-jni.so")

cp "$dist/libexec/berth-exec" "$work/probe"
digest=$(bash "$here/tiny-image.sh" "$work/repo" "$work/probe")
pinned=berth/tiny@$digest
mkdir -p "$work/node" "$work/gpu/usr/lib64"
for name in libcuda libnvidia-ml; do cp "$work/probe" "$work/gpu/usr/lib64/$name.so.550.54.15"; done

BERTH_FRONT_UID=$(id -u)
BERTH_FRONT_GID=$(id -g)
export BERTH_FRONT_UID BERTH_FRONT_GID BERTH_FRONT_HOME=$dist BERTH_FRONT_NAME=berth
export HOME=$work BERTH_DIR=$work/repo BERTH_NODE_DIR=$work/node BERTH_DRIVER_ROOT=$work/gpu
exec 9> /dev/null # where a front would take the plan
export BERTH_FRONT_FD=9
mkdir "$work/plans"
export BERTH_FRONT_PLAN=$work/plans/$(printf '%064d' 0)
export SLURM_JOB_ID=1 SLURM_SUBMIT_DIR=/ LC_ALL=C.UTF-8
quiet=(--quiet)
loud=(--repo="$work/repo")
[ "$BERTH_FRONT_UID" != 0 ] || { quiet+=(--allow-root); loud+=(--allow-root); }

record() { # record CACHE WORD...
    local cache=$1
    shift
    "$java" -XX:AOTCacheOutput="$cache" -Xlog:disable -Xlog:all=error:stderr "${options[@]}" -cp "$jar" \
        io.berth.boot.Training "$@" > "$work/training.log" 2>&1 || { cat "$work/training.log" >&2; exit 1; }
    "$java" -XX:AOTMode=on -XX:AOTCache="$cache" "${options[@]}" -cp "$jar" io.berth.boot.Main version > /dev/null ||
        { echo "package: starting with $cache: the JVM refuses it" >&2; exit 1; }
}

# a JVM's start grows with the classes in its cache, so the light commands have a small one
record "$dist/lib/berth-$build.aot" \
    "${quiet[@]}" create --name=t berth/tiny :: \
    "${quiet[@]}" export -o "$work/t.tar" t :: \
    "${quiet[@]}" import "$work/t.tar" berth/flat :: \
    "${quiet[@]}" save -o "$work/flat.tar" berth/flat :: \
    "${quiet[@]}" load -i "$work/flat.tar" berth/again :: \
    "${quiet[@]}" explain t /bin/probe :: \
    "${quiet[@]}" clone --name=c t :: \
    "${loud[@]}" verify berth/tiny :: \
    "${quiet[@]}" pull "$pinned" :: \
    "${quiet[@]}" job script --nodes=2 "$pinned" -- /bin/probe :: \
    "${quiet[@]}" node pin "$pinned" :: \
    "${quiet[@]}" node prepare --nvidia "$pinned" :: \
    "${quiet[@]}" node agree "n1 R1,P1" "n2 P1 R1: no" :: \
    "${quiet[@]}" node release :: \
    "${quiet[@]}" login --registry=http://127.0.0.1:1 --username=u --password=w :: \
    "${quiet[@]}" logout -a ::
record "$dist/lib/berth-$build-quick.aot" \
    version :: \
    help :: \
    ps --help :: \
    completion bash :: \
    "${quiet[@]}" images :: \
    "${quiet[@]}" prune --dry-run :: \
    "${quiet[@]}" ps -m :: \
    "${quiet[@]}" ps --json :: \
    "${quiet[@]}" inspect t :: \
    "${quiet[@]}" name t u :: \
    "${quiet[@]}" rename u v :: \
    "${quiet[@]}" rmname v :: \
    "${quiet[@]}" tag berth/tiny:latest berth/more :: \
    "${quiet[@]}" protect berth/more :: \
    "${quiet[@]}" unprotect berth/more :: \
    "${quiet[@]}" rmi berth/more :: \
    "${quiet[@]}" setup t :: \
    "${quiet[@]}" setup --execmode=P2 c :: \
    showconf :: \
    "${quiet[@]}" explain t /bin/probe :: \
    "${quiet[@]}" run --env=A=1 --volume=/usr t /bin/probe :: \
    "${quiet[@]}" run --nvidia t /bin/probe :: \
    "${quiet[@]}" rm c t ::
