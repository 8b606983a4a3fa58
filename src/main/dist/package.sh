#!/usr/bin/env bash
# Makes the self-contained tree target/dist/berth and its archive. Called by Maven in the package phase.
#   package.sh VERSION            (JAVA_HOME: the JDK 25 that compiled the jar)
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
version=$1
: "${JAVA_HOME:?package.sh is started by the build, with JAVA_HOME set}"
out=$top/target/dist/berth
work=$top/target/dist/work

rm -rf "$top/target/dist"
mkdir -p "$out"/{bin,lib/native,libexec,share/job-templates,share/licences,share/slurm-spank} "$work"

# 1. the jar; its digest names the jar, the AOT cache and, compiled in, the front that starts them:
#    a JVM with a stale cache would silently run old code
"$JAVA_HOME/bin/java" "$here/ModernizeJar.java" "$top/target/berth-$version-runner.jar" "$work/berth.jar" "$out/lib/native"
build=$(sha256sum "$work/berth.jar" | cut -c1-12)
mv "$work/berth.jar" "$out/lib/berth-$build.jar"
[ -e "$out/lib/native/libzstd-jni.so" ] || { echo "package: looking for libzstd-jni.so in the jar: not there" >&2; exit 1; }

# 2. the runtime image
"$JAVA_HOME/bin/jlink" \
    --add-modules java.base,java.logging,java.naming,java.management,java.net.http,jdk.unsupported,jdk.zipfs,jdk.net,jdk.crypto.ec \
    --strip-debug --no-header-files --no-man-pages --output "$out/runtime"
rm -rf "$out/runtime/legal"

# 3. the native programs
make -s -C "$top/src/main/c" OUT="$work/c" VERSION="$version" BUILD_ID="$build" all
install -m 755 "$work/c/berth" "$out/bin/berth"
install -m 755 "$work/c/berth-exec" "$out/libexec/berth-exec"
ln -s berth-exec "$out/libexec/berth-rank"
install -m 755 "$here/berth-local" "$out/libexec/berth-local"
if make -s -C "$top/src/main/c" OUT="$work/c" engines; then
    mkdir "$out/libexec/engines"
    cp "$work"/c/engines/{*-"$(uname -m)"*,SOURCES} "$out/libexec/engines/"
    cp -r "$work/c/engines/licences/." "$out/share/licences/"
else
    echo "package: without our own engines, as said above: P1 and F are not in this distribution, P2 needs the system's PRoot" >&2
fi
if [ -e "${SLURM_INCLUDE:-/usr/include}/slurm/spank.h" ]; then
    make -s -C "$top/slurm-spank" OUT="$work/spank" all
    install -m 644 -D "$work/spank/berth.so" "$out/lib/slurm/berth.so"
else
    echo "package: without the SPANK plugin: slurm/spank.h is not here (package libslurm-dev)" >&2
fi
ln -s berth "$out/bin/udocker"

# 4. what users copy or must be told
cp "$top"/job-templates/* "$out/share/job-templates/"
mkdir -p "$out/share/slurm/hooks"
cp "$top"/deploy/slurm/hooks/* "$out/share/slurm/hooks/"
install -m 644 -D "$top/deploy/modulefiles/berth" "$out/share/modulefiles/berth"
install -m 644 "$top/deploy/etc/berth.conf" "$out/share/berth.conf"
install -D "$top/deploy/gridengine/starter" "$out/share/gridengine/starter"
cp "$top"/slurm-spank/{README.md,Makefile,*.c,*.h} "$top/deploy/slurm/plugstack.conf.d/berth.conf" "$out/share/slurm-spank/"
mkdir "$out/share/slurm-spank/common"
cp -r "$top/deploy/slurm/packaging" "$out/share/slurm-spank/"
cp "$top"/src/main/c/common/{rank.h,tell.h,tell.c,sys.h} "$out/share/slurm-spank/common/"
cp -r "$here/licences/." "$out/share/licences/"
cp "$JAVA_HOME/NOTICE" "$out/share/licences/temurin-NOTICE" 2>/dev/null || true
cp -r "$JAVA_HOME/legal/java.base/." "$out/share/licences/openjdk/" 2>/dev/null || cp -rL "$JAVA_HOME/legal/java.base" "$out/share/licences/openjdk"

# 5. the manual and the completion scripts, told by the commands themselves
"$out/runtime/bin/java" -cp "$out/lib/berth-$build.jar" io.berth.boot.Documents "$version" "$out/share"
ln -s berth "$out/share/bash-completion/completions/udocker"
ln -s berth.fish "$out/share/fish/vendor_completions.d/udocker.fish"
ln -s berth.1 "$out/share/man/man1/udocker.1"

# 6. the AOT cache, trained on real commands with the front's own options
bash "$here/train.sh" "$out" "$build" "$work"

# 7. the archive
chmod -R u+rwX,go+rX,go-w "$out"
rm -rf "$work"
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime='2026-01-01 00:00Z' -C "$top/target/dist" -cf - berth |
    gzip -9n > "$top/target/dist/berth-$version-linux-x86_64.tar.gz"
du -sm "$out" | awk '{ print "package: target/dist/berth, " $1 " MB" }'
du -m "$top/target/dist/berth-$version-linux-x86_64.tar.gz" | awk '{ print "package: archive, " $1 " MB" }'
