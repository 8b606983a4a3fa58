#!/usr/bin/env bash
# Records the classes that real commands use into lib/berth-BUILD.aot, and fails when the JVM will not take the cache.
#   train.sh DIST BUILD WORK
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
dist=$1 build=$2 work=$3
java=$dist/runtime/bin/java
jar=$dist/lib/berth-$build.jar
cache=$dist/lib/berth-$build.aot
# the module options must be those of the front (src/main/c/berth/jvm.c), or the cache is refused
options=(-XX:+UseSerialGC -XX:-UsePerfData -XX:-UseContainerSupport --sun-misc-unsafe-memory-access=allow
    --enable-native-access=ALL-UNNAMED -Djava.util.logging.manager=org.jboss.logmanager.LogManager "-Djffi.boot.library.path=$dist/lib/native"
    "-DZstdNativePath=$dist/lib/native/libzstd-jni.so")

cp "$dist/libexec/berth-exec" "$work/probe"
digest=$(bash "$here/tiny-image.sh" "$work/repo" "$work/probe")
pinned=berth/tiny@$digest
mkdir -p "$work/node"

BERTH_FRONT_UID=$(id -u)
BERTH_FRONT_GID=$(id -g)
export BERTH_FRONT_UID BERTH_FRONT_GID BERTH_FRONT_HOME=$dist BERTH_FRONT_NAME=berth
export HOME=$work BERTH_DIR=$work/repo BERTH_NODE_DIR=$work/node
export SLURM_JOB_ID=1 SLURM_SUBMIT_DIR=/ LC_ALL=C.UTF-8
quiet=(--quiet)
[ "$BERTH_FRONT_UID" != 0 ] || quiet+=(--allow-root)

"$java" -XX:AOTCacheOutput="$cache" -Xlog:disable -Xlog:all=error:stderr "${options[@]}" -cp "$jar" io.berth.boot.Training \
    version :: \
    --help :: \
    "${quiet[@]}" images :: \
    "${quiet[@]}" create --name=t berth/tiny :: \
    "${quiet[@]}" ps :: \
    "${quiet[@]}" explain t /bin/probe :: \
    "${quiet[@]}" pull "$pinned" :: \
    "${quiet[@]}" job script --nodes=2 "$pinned" -- /bin/probe :: \
    "${quiet[@]}" node prepare "$pinned" :: \
    "${quiet[@]}" node release :: \
    "${quiet[@]}" rm t :: > "$work/training.log" 2>&1 ||
    { cat "$work/training.log" >&2; exit 1; }

"$java" -XX:AOTMode=on -XX:AOTCache="$cache" "${options[@]}" -cp "$jar" io.berth.boot.Main version > /dev/null ||
    { echo "package: starting with the AOT cache: the JVM refuses it" >&2; exit 1; }
