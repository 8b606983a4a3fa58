#!/bin/bash
# Modes F1 to F4 on this machine, as an ordinary user: in a tree of its own programs and, where it can be had, in one
# of an old Debian. OUT is the folder that `make` and `make engines` built into.
set -u
cd "$(dirname "$0")" || exit 1
here=$PWD
: "${OUT:=$here/../../../target/c}"
machine=$(uname -m)

if [ -z "${BERTH_FAKE:-}" ]; then
	OUT=$(cd "$OUT" && pwd) || exit 1
	work=$(mktemp -d /tmp/berth-fake-XXXXXX)
	trap 'rm -rf "$work"' EXIT
	mkdir "$work/engines"
	cp "$OUT/berth" "$OUT/berth-exec" "$work"
	cp "$OUT"/engines/*-"$machine"* "$work/engines"
	cp fake.sh expect.sh "$work"
	cc=${CC:-gcc}
	$cc -std=c11 -D_GNU_SOURCE -O1 -pthread -o "$work/guest" fake_guest.c || exit 1
	$cc -std=c11 -D_GNU_SOURCE -O1 -pthread -static -o "$work/guest-static" fake_guest.c || exit 1
	echo 'const char *extra_says(void) { return "extra"; }' | $cc -shared -fPIC -xc -o "$work/libextra.so" - || exit 1
	printf '%s\n' '#include <stdio.h>' 'const char *extra_says(void);' 'int main(void) { return puts(extra_says()) < 0; }' |
		$cc -o "$work/user" -xc - -xnone "$work/libextra.so" -Wl,-rpath,/nowhere || exit 1
	printf '%s\n' '#include <unistd.h>' '__attribute__((constructor)) static void hello(void) { if (write(1, "loaded ", 7) < 0) _exit(1); }' |
		$cc -shared -fPIC -xc -o "$work/libhello.so" - || exit 1
	if [ "$(id -u)" = 0 ]; then
		old=$(../cluster/images.sh root bullseye) && mkdir "$work/old" && tar -C "$work/old" -xf "$old"
		chown -R 20001:20001 "$work"
		BERTH_FAKE=$work setpriv --reuid 20001 --regid 20001 --clear-groups --inh-caps=-all bash "$work/fake.sh"
	else
		BERTH_FAKE=$work bash "$work/fake.sh"
	fi
	exit
fi
work=$BERTH_FAKE
cd "$work" || exit 1
umask 022
for name in $(compgen -e); do
	case $name in BERTH_FAKE | PWD) ;; *) unset "$name" ;; esac
done
export PATH=/usr/bin:/bin HOME=/tmp LC_ALL=C

. "$work/expect.sh"

exec_=$work/berth-exec
engines=$work/engines
triple=$machine-linux-gnu
uid=$(id -u)
mkdir -p volume scratch
printf 'volume\n' >volume/file

# The folders of a tree's loader and libraries, and that loader without the host's folders.
loader_of() { find -H "$1"/lib64 "$1"/lib -maxdepth 1 -name 'ld-linux-*' | head -1; }
neutralise() { # LOADER COPY
	perl -0777 -pe 's{(?<![\w./-])/((?:usr/)?lib(?:64)?/(?:'"$triple"'/)?|etc/ld\.so\.(?:cache|preload))(?=\0)}{"/~" . substr($1, 1)}ge' \
		"$1" >"$2"
	chmod 755 "$2"
}
# Every mode has its own tree, as in a node: F3 is patched, F4 not yet.
prepare() { # TREE
	local tree=$1 link to
	find "$tree" -type l -lname '/*' | while read -r link; do
		to=$(readlink "$link")
		case $to in /proc* | /sys* | /dev*) ;; *) ln -sfnr "$tree$to" "$link" ;; esac
	done
	mkdir -p "$tree"/{proc,sys,dev,tmp,etc,opt/lib,data}
	rmdir "$tree/data" && ln -s "$work/volume" "$tree/data"
	echo inside >"$tree/etc/name"
}
programs_patch() { # TREE
	local file loader
	loader=$(loader_of "$1")
	find "$1/bin/" "$1/opt" -type f -perm -100 | while read -r file; do
		"$engines/patchelf-$machine" --set-interpreter "$loader" --force-rpath --set-rpath "$(libraries "$1")" "$file" 2>/dev/null
	done
}
libraries() { echo "$1/lib/$triple:$1/usr/lib/$triple"; }
word() { printf %s "$1" | sed 's/%/%25/g; s/ /%20/g'; }

plan() { # NAME TREE MODE LINES...
	local name=$1 tree=$2 mode=$3 loader
	shift 3
	loader=$(loader_of "$tree")
	[ "$mode" != F2 ] || loader=$tree.ld.so
	{
		printf 'berth-plan 1\nuid %s\nmode %s\nworkdir /\nkeep-env *\ndrop-env LD_*\nkeep-fd all\nfake %s\n' "$uid" "$mode" "$tree"
		printf 'set-env %s %s\n' PATH /usr/bin:/bin FAKECHROOT_BASE "$tree" FAKECHROOT_EXCLUDE_PATH "/proc:/sys:/dev:$work/volume" \
			LD_PRELOAD "$engines/libberth-fake-$machine.so:$engines/libfakechroot-$machine.so" \
			LOCPATH "$tree/usr/lib/locale" GCONV_PATH "$tree/usr/lib/$triple/gconv" \
			BERTH_FAKE_MODE "$mode" BERTH_FAKE_LOADER "$loader" BERTH_FAKE_LIBRARIES "$(libraries "$tree")"
		! "$loader" --help 2>/dev/null | grep -q -- --argv0 || echo 'set-env BERTH_FAKE_ARGV0 1'
		[ "$mode" != F4 ] || echo "set-env BERTH_FAKE_PATCHELF $engines/patchelf-$machine"
		printf '%s\n' "$@" end
	} >"$name"
}
static_words() { # TREE
	word "PROOT_TMP_DIR=$work/scratch $engines/proot-$machine --kill-on-exit -b /proc -b /sys -b /dev -b $work/volume -b $work/volume:/data -b $1 -r $1 -w {cwd}"
}

# --- a tree of this machine's own programs
new=$work/new
mkdir -p "$new"/{bin,usr,lib/"$triple",lib64,etc,opt}
ln -s ../bin "$new/usr/bin"
ln -s ../lib "$new/usr/lib"
for name in sh env cat ls true perl readlink sleep cp chmod; do cp -L "$(type -P $name)" "$new/bin/"; done
cp guest guest-static user "$new/bin/"
for file in "$new"/bin/*; do ldd "$file" 2>/dev/null; done | grep -o '/[^ ]*\.so[^ ]*' | sort -u | while read -r file; do
	case $file in
	*/ld-linux-*) cp -L "$file" "$new$(dirname "$file")/" ;;
	"$work"*) ;;
	*) cp -L "$file" "$new/lib/$triple/" ;;
	esac
done
cp -L "/lib/$triple/libdl.so.2" "$new/lib/$triple/" # of every glibc, and the libraries need it
mkdir -p "$new/opt/lib"
cp libextra.so libhello.so "$new/opt/lib/"
printf '#!/bin/sh\necho "$(cat /etc/name) $0 $*"\n' >"$new/bin/script"
printf '#!/usr/bin/env -S guest say\n' >"$new/bin/envscript"
printf '#!/bin/script  two words \n' >"$new/bin/nested"
printf '#!/no/such\n' >"$new/bin/orphan"
printf 'echo shell $(cat /etc/name)\n' >"$new/bin/plain"
printf '#!/bin/loop\n' >"$new/bin/loop"
chmod 755 "$new"/bin/*
printf 'no program\n' >"$new/bin/text"
prepare "$new"
neutralise "$(loader_of "$new")" "$new.ld.so"
for mode in F3 F4; do
	cp -a "$new" "$work/tree-$mode"
	cp "$new.ld.so" "$(loader_of "$work/tree-$mode")"
done
programs_patch "$work/tree-F3"
for mode in F1 F2; do plan $mode "$new" $mode; done
for mode in F3 F4; do plan $mode "$work/tree-$mode" $mode; done
tree_of() { case $1 in F1 | F2) echo "$new" ;; *) echo "$work/tree-$1" ;; esac; }

# What the host's /etc/name would be for a program that got out.
expect 'the tree alone has its name' no "$([ -e /etc/name ] && echo yes || echo no)"

for mode in F1 F2 F3 F4; do
	tree=$(tree_of $mode)
	run() { "$exec_" $mode -- "$@" 2>&1; }
	echo "# $mode: the first program"
	expect 'a program runs inside' inside "$(run guest say)"
	expect 'no library of the host is mapped' '' "$(run cat /proc/self/maps | awk '$6 ~ /^\//{ print $6 }' | sort -u |
		grep -v -e "^$tree" -e "^$engines/lib" | grep -v "^$new.ld.so")"
	expect 'its exit status arrives' 42 "$(run guest status 42 >/dev/null; echo $?)"
	expect 'it is not found' 127 "$(run /bin/nothing >/dev/null; echo $?)"
	expect 'it cannot be executed' 126 "$(run /bin/text >/dev/null; echo $?)"
	expect 'a script is run by the container'\''s interpreter' 'inside /usr/bin/script a b' "$(run script a b)"
	expect 'through env, with options' 'inside /usr/bin/envscript' "$(run envscript)"
	expect 'through another script, with one argument' 'inside /bin/script two words /usr/bin/nested x' "$(run nested x)"
	has 'its interpreter is missing' "$(run orphan; echo $?)" 126
	expect 'one of itself' 126 "$(run loop >/dev/null; echo $?)"
	expect 'descriptors stay open' 'through seven' "$(echo 'through seven' | "$exec_" $mode -- sh -c 'cat <&7' 7<&0 </dev/null)"
	expect 'a volume is seen by its path inside' volume "$(run cat /data/file)"
	expect 'and by relative ones from there' 'volume inside' "$(run sh -c 'cd /data && echo $(cat file) $(guest say)')"
	case $mode in
	F1 | F2) expect 'argv[0] is as given' "$(grep -q ARGV0 $mode && echo guest)" "$(run sh -c 'exec guest name')" ;;
	*) expect 'argv[0] is as given' guest "$(run sh -c 'exec guest name')" ;;
	esac
	expect 'it finds itself' /bin/guest "$(run /bin/guest self)"
	expect 'and starts itself anew' 'inside again' "$(run guest self-exec)"

	echo "# $mode: programs that are started inside"
	expect 'execle with an empty environment' inside "$(run guest execle /bin/guest say)"
	expect 'execlp with an empty environment' inside "$(run guest execlp guest say)"
	for how in execve fexecve vfork spawn; do
		expect "$how with an empty environment" "inside x" "$(run guest $how /bin/guest say x)"
	done
	for how in execvpe spawnp; do
		expect "$how with an empty environment" "inside x" "$(run guest $how guest say x)"
	done
	expect 'env -i' inside "$(run env -i guest say)"
	expect 'env -i, twice, and a script' 'inside /bin/script x' "$(run env -i env -i script x)"
	expect 'env -i and a shell' 'inside inside' "$(run env -i sh -c 'echo $(guest say) $(cat /etc/name)')"
	expect 'system without an environment' inside "$(run guest system 'guest say')"
	expect 'a program without an environment stays' inside "$(run guest no-environ)"
	expect 'one that takes the settings out stays' inside "$(run guest unset)"
	expect 'vfork from many threads' '0 of 200 failed' "$(run guest storm /bin/true)"
	expect 'threads do not meet' '0 0 0 0' "$(run guest crowd)"
	has 'a library has its name inside, and the loader keeps its own' "$(run guest library)" " kept"
	expect 'a file without #! is for the shell that searched' 'shell inside' "$(run perl -e 'exec "plain"')"
	expect 'an error of exec is said' 'execve: No such file or directory' "$(run guest execve /no/such)"
	expect 'and why a program is none' 'execve: Exec format error' "$(run guest execve /bin/plain)"
	expect 'a loop of scripts' 'execve: Too many levels of symbolic links' "$(run guest execve /bin/loop)"
	expect 'a program that has no file' 'inside' "$(run guest memory /bin/guest say)"
	expect 'the loader as a command' 'inside x' "$(run "/${tree:+$(loader_of "$tree" | sed "s#^$tree/##")}" /bin/guest say x)"
	expect 'the container'\''s own library path' extra "$(run sh -c 'LD_LIBRARY_PATH=/opt/lib user')"
	expect 'is inherited' extra "$(run sh -c 'LD_LIBRARY_PATH=/nowhere:/opt/lib exec sh -c user')"
	expect 'its own preload' 'loaded inside' "$(run sh -c 'LD_PRELOAD=/opt/lib/libhello.so guest say')"
	expect 'many words' 5000 "$(run sh -c 'env perl -e "print scalar @ARGV" $(perl -e "print join q( ), 1 .. 5000")')"
	has 'a program of the host, by a call of its own' "$(run guest raw /bin/true 2>&1; echo " $?")" "it is the host's"

	echo "# $mode: what it cannot keep inside"
	refused=$(run guest-static say)
	expect 'a static program is refused' 126 $?
	has 'with the reason' "$refused" 'guest-static in the container: it is a static program'
	expect 'inside too' 'execve: Permission denied' "$(run guest execve /bin/guest-static say | tail -1)"
	plan ${mode}s "$tree" $mode "set-env BERTH_FAKE_STATIC $(static_words "$tree")"
	expect 'or goes through PRoot' 'inside x' "$("$exec_" ${mode}s -- guest-static say x 2>&1)"
	expect 'from inside, in an empty environment' 'inside x' "$("$exec_" ${mode}s -- env -i guest-static say x 2>&1)"
	expect 'in a volume' 'volume' "$("$exec_" ${mode}s -- sh -c 'cd /data; guest-static execve /bin/cat file' 2>&1)"
	expect 'without our variables' 'KEPT=1' "$(KEPT=1 "$exec_" ${mode}s -- guest-static environ 2>&1 | grep -e FAKE_ -e FAKECHROOT -e LD_ -e KEPT)"
done

echo '# F4: patched when executed'
tree=$work/tree-F4
interpreter() { "$engines/patchelf-$machine" --print-interpreter "$1"; }
fresh() { # NAME MODE
	rm -f "$tree/bin/$1"
	cp guest "$tree/bin/$1"
	chmod "$2" "$tree/bin/$1"
}
fresh one 751
plan F4 "$tree" F4
before=$(interpreter "$tree/bin/one")
"$exec_" F4 -- /bin/one say >/dev/null
expect 'it was the usual loader, and is the tree'\''s' "yes $(loader_of "$tree")" \
	"$([ "$before" != "$(loader_of "$tree")" ] && echo yes) $(interpreter "$tree/bin/one")"
expect 'the permissions are kept' 751 "$(stat -c %a "$tree/bin/one")"
sum=$(sha256sum "$tree/bin/one")
"$exec_" F4 -- /bin/one say >/dev/null
expect 'once' "$sum" "$(sha256sum "$tree/bin/one")"
fresh many 755
for i in $(seq 16); do "$exec_" F4 -- many say >"many.$i" 2>&1 & done
wait
expect '16 at once all run' '16 inside' "$(cat many.* | sort | uniq -c | sed 's/^ *//')"
expect 'and one file is left, patched' "1 $(loader_of "$tree")" \
	"$(find "$tree/bin" -name many -o -name '.berth-*' | wc -l) $(interpreter "$tree/bin/many")"
fresh inner 755
expect '16 at once from one shell' '16 inside' \
	"$("$exec_" F4 -- sh -c 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do /bin/inner say & done; wait' 2>&1 | sort | uniq -c | sed 's/^ *//')"
fresh threads 755
expect 'and by vfork from threads' '0 of 200 failed' "$("$exec_" F4 -- guest storm /bin/threads say 2>&1 | tail -1)"
fresh fixed 555
sum=$(sha256sum "$tree/bin/fixed")
expect 'one that may not be written runs through the loader' inside "$("$exec_" F4 -- fixed say 2>&1)"
expect 'and stays as it is' "$sum" "$(sha256sum "$tree/bin/fixed")"
cp guest volume/own
sum=$(sha256sum volume/own)
expect 'so does one of a volume' 'inside' "$("$exec_" F4 -- /data/own say 2>&1)"
expect 'which stays as it is' "$sum" "$(sha256sum volume/own)"
fresh linked 755
ln "$tree/bin/linked" original
ln -s linked "$tree/bin/alias"
expect 'through a link' inside "$("$exec_" F4 -- alias say 2>&1)"
expect 'what other links share is not changed' "$(interpreter guest) link" \
	"$(interpreter original) $([ -L "$tree/bin/alias" ] && echo link)"

echo '# nothing runs on the host'
mv "$engines/libfakechroot-$machine.so" "$engines/away"
for mode in F1 F3; do
	refused=$("$exec_" $mode -- guest say 2>&1)
	expect "$mode without libfakechroot is refused" 125 $?
	has 'with the reason' "$refused" 'a library is not there or cannot be read'
done
mv "$engines/away" "$engines/libfakechroot-$machine.so"
cp -a engines going
sed "s#$engines/lib#$work/going/lib#g" F1 >Fg
gone=$("$exec_" Fg -- sh -c 'read line; guest say' 2>&1 < <(sleep 1; rm "going/libfakechroot-$machine.so"; echo))
has 'a library that goes away later' "$gone" 'guest in the container: a library that keeps it inside is gone'
grep -v BERTH_FAKE_LOADER F1 >Fi
refused=$("$exec_" Fi -- guest say 2>&1)
expect 'a plan without all settings is refused' 125 $?
has 'with the reason' "$refused" 'the settings of the mode are not all there'
sed "s#^fake .*#fake $work/scratch#" F1 >Fo
"$exec_" Fo -- guest say >/dev/null 2>&1
expect 'one for another tree too' 125 $?
refused=$(LD_PRELOAD="$engines/libberth-fake-$machine.so" /bin/true 2>&1)
expect 'the companion alone runs nothing' 125 $?
sed 's#^workdir.*#workdir /no/such#' F1 >Fw
has 'a working folder that is missing' "$("$exec_" Fw -- guest say 2>&1; echo $?)" 125

echo '# a step after the program'
root=$work/root
mkdir -p "$root"/{bin,libexec,lib,runtime/bin}
cp berth "$root/bin/"
cp berth-exec "$root/libexec/"
cat >"$root/runtime/bin/java" <<'JAVA'
#!/bin/sh
while [ "$1" != io.berth.boot.Main ]; do shift; done
case $2 in
plan) cat "$3" >/proc/self/fd/$BERTH_FRONT_FD ;;
rest) echo "$3" >"$REST" ;;
esac
JAVA
chmod 755 "$root/runtime/bin/java"
for mode in F1 F3; do
	rm -f rest
	sed 's,^end$,command guest status 42\nafter rest done\nend,' $mode >Fa
	REST=$work/rest "$root/bin/berth" plan Fa
	expect "$mode: the status is the program's, and the step ran" '42 done' "$? $(cat rest)"
done

if [ -d old ]; then
	echo '# an old glibc (Debian 11)'
	old=$work/old
	prepare "$old"
	neutralise "$(readlink -f "$(loader_of "$old")")" "$old.ld.so"
	for mode in F3 F4; do
		cp -a "$old" "$work/old$mode"
		cp --remove-destination "$old.ld.so" "$(readlink -f "$(loader_of "$work/old$mode")")"
	done
	programs_patch "$work/oldF3"
	for mode in F1 F2 F3 F4; do
		case $mode in F1 | F2) tree=$old ;; *) tree=$work/old$mode ;; esac
		plan old-$mode "$tree" $mode
		run() { "$exec_" old-$mode -- "$@" 2>&1; }
		expect "$mode: a shell and its programs" 'inside 11 11' \
			"$(run sh -c 'echo $(cat /etc/name) $(cut -d. -f1 /etc/debian_version) $(env -i cut -d. -f1 /etc/debian_version)')"
		expect "$mode: its own libc" yes "$(run cat /proc/self/maps | grep -q "$tree.*/libc-2.31.so" && echo yes)"
		expect "$mode: perl, its modules, fork and exec" 'ok inside' \
			"$(run perl -MPOSIX -MSocket -e '$| = 1; print "ok "; system "cat", "/etc/name"')"
		expect "$mode: a script in an empty environment" inside \
			"$(run sh -c 'printf "#!/bin/sh\ncat /etc/name\n" >/tmp/s; chmod 755 /tmp/s; env -i /tmp/s')"
		expect "$mode: users of the tree" root "$(run sh -c 'getent passwd root | cut -d: -f1')"
		expect "$mode: its package manager" yes "$(run dpkg-query -W -f '${Status}' libc6 | grep -q installed && echo yes)"
	done
else
	echo 'note: without an old Debian (needs root and a mirror that has it): only the symbols were checked, when the libraries were built'
fi

echo "$passed passed, $failed failed"
[ $failed = 0 ]
