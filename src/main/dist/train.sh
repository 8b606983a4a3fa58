#!/usr/bin/env bash
# Records the classes that real commands use into lib/berth-BUILD.aot, and fails when the JVM will not take the cache.
#   train.sh DIST BUILD WORK
set -euo pipefail

dist=$1 build=$2 work=$3
java=$dist/runtime/bin/java
jar=$dist/lib/berth-$build.jar
cache=$dist/lib/berth-$build.aot
# the module options must be those of the front (src/main/c/berth/jvm.c), or the cache is refused
options=(-XX:+UseSerialGC -XX:-UsePerfData --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED
    "-Djffi.boot.library.path=$dist/lib/native" "-DZstdNativePath=$dist/lib/native/libzstd-jni.so")

# a repository with one tiny image, written by hand
repo=$work/repo
mkdir -p "$repo"/{layers,containers,bin,lib,doc} "$repo/repos/training/tiny/latest" "$work/layer/bin" "$work/node"
cp "$dist/libexec/berth-exec" "$work/layer/bin/probe"
put() { # put FILE -> prints "sha256:HEX SIZE", the file moves into layers
    local hex size
    hex=$(sha256sum "$1" | cut -d' ' -f1)
    size=$(stat -c %s "$1")
    mv "$1" "$repo/layers/sha256:$hex"
    ln -sf "../../../../layers/sha256:$hex" "$repo/repos/training/tiny/latest/sha256:$hex"
    echo "sha256:$hex $size"
}
tar -C "$work/layer" -cf "$work/layer.tar" bin
diff=sha256:$(sha256sum "$work/layer.tar" | cut -d' ' -f1)
gzip -n "$work/layer.tar"
read -r layer layer_size <<< "$(put "$work/layer.tar.gz")"
printf '{"os":"linux","architecture":"amd64","config":{"Env":["A=b"],"Cmd":["/bin/probe"]},"rootfs":{"type":"layers","diff_ids":["%s"]}}' \
    "$diff" > "$work/config"
read -r config config_size <<< "$(put "$work/config")"
folder=$repo/repos/training/tiny/latest
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%s},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"%s","size":%s}]}' \
    "$config" "$config_size" "$layer" "$layer_size" > "$folder/manifest"
touch "$folder/v2" "$folder/TAG"
digest=sha256:$(sha256sum "$folder/manifest" | cut -d' ' -f1)
pinned=$repo/repos/training/tiny/$digest
cp -a "$folder" "$pinned"

export BERTH_FRONT_HOME=$dist BERTH_FRONT_UID BERTH_FRONT_GID BERTH_FRONT_NAME=berth HOME=$work BERTH_DIR=$repo BERTH_NODE_DIR=$work/node
BERTH_FRONT_UID=$(id -u)
BERTH_FRONT_GID=$(id -g)
export SLURM_JOB_ID=1 SLURM_SUBMIT_DIR=/ LC_ALL=C.UTF-8
root=()
[ "$BERTH_FRONT_UID" != 0 ] || root=(--allow-root)

"$java" -XX:AOTCacheOutput="$cache" -Xlog:aot=error "${options[@]}" -cp "$jar" io.berth.boot.Training \
    version :: \
    --help :: \
    "${root[@]}" images :: \
    "${root[@]}" create --name=t training/tiny :: \
    "${root[@]}" ps :: \
    "${root[@]}" explain t /bin/probe :: \
    "${root[@]}" pull "training/tiny@$digest" :: \
    "${root[@]}" job script --nodes=2 "training/tiny@$digest" -- /bin/probe :: \
    "${root[@]}" --quiet node prepare "training/tiny@$digest" :: \
    "${root[@]}" node release :: \
    "${root[@]}" rm t ::

"$java" -XX:AOTMode=on -XX:AOTCache="$cache" "${options[@]}" -cp "$jar" io.berth.boot.Main version > /dev/null ||
    { echo "package: starting with the AOT cache: the JVM refuses it" >&2; exit 1; }
