#!/usr/bin/env bash
# Writes a repository that holds one image, berth/tiny:latest, with one static program at /bin; needs no network.
#   tiny-image.sh REPOSITORY PROGRAM        prints the image's digest
set -euo pipefail

repo=$1 program=$2
name=$(basename "$program")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$repo"/{layers,containers,bin,lib,doc} "$repo/repos/berth/tiny/latest"
folder=$repo/repos/berth/tiny/latest

put() { # put FILE: the file becomes a blob of the image; prints "DIGEST SIZE"
    local hex size
    hex=$(sha256sum "$1" | cut -d' ' -f1)
    size=$(stat -c %s "$1")
    mv "$1" "$repo/layers/sha256:$hex"
    ln -sfn "../../../../layers/sha256:$hex" "$folder/sha256:$hex"
    echo "sha256:$hex $size"
}

mkdir -p "$work/layer/bin" "$work/layer/etc"
install -m 755 "$program" "$work/layer/bin/$name"
printf 'NAME="berth tiny image"\n' > "$work/layer/etc/os-release"
tar --sort=name --owner=0 --group=0 -C "$work/layer" -cf "$work/layer.tar" bin etc
diff=sha256:$(sha256sum "$work/layer.tar" | cut -d' ' -f1)
gzip -n "$work/layer.tar"
read -r layer layer_size <<< "$(put "$work/layer.tar.gz")"
printf '{"os":"linux","architecture":"amd64","config":{"Env":["PATH=/bin"],"Cmd":["/bin/%s"]},"rootfs":{"type":"layers","diff_ids":["%s"]}}' \
    "$name" "$diff" > "$work/config"
read -r config config_size <<< "$(put "$work/config")"
oci=application/vnd.oci.image
printf '{"schemaVersion":2,"mediaType":"%s.manifest.v1+json","config":{"mediaType":"%s.config.v1+json","digest":"%s","size":%s},"layers":[{"mediaType":"%s.layer.v1.tar+gzip","digest":"%s","size":%s}]}' \
    "$oci" "$oci" "$config" "$config_size" "$oci" "$layer" "$layer_size" > "$folder/manifest"
touch "$folder/v2"
printf '%s' "$repo/repos/berth/tiny:latest" > "$folder/TAG"
digest=sha256:$(sha256sum "$folder/manifest" | cut -d' ' -f1)
rm -rf "$repo/repos/berth/tiny/$digest"
cp -a "$folder" "$repo/repos/berth/tiny/$digest"
echo "$digest"
