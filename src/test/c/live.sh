#!/bin/bash
# The real thing on this machine, as an ordinary user: namespaces, proot, the front with a Java of its own.
# Needs gcc, busybox (static), proot, script; OUT is the folder that `make` built into.
set -u
cd "$(dirname "$0")" || exit 1
here=$PWD
: "${OUT:=$here/../../../target/c}"
OUT=$(cd "$OUT" && pwd) || exit 1

if [ "$(id -u)" = 0 ]; then
	work=$(mktemp -d /tmp/berth-live-XXXXXX)
	cp "$OUT/berth" "$OUT/berth-exec" "$OUT"/engines/proot-* "$work"
	${CC:-gcc} -std=c11 -D_GNU_SOURCE -static -O1 -pthread -o "$work/guest" guest.c || exit 1
	cp live.sh expect.sh "$work"
	chown -R 20001:20001 "$work"
	export BERTH_LIVE=$work
	# newuidmap wants its user to have a name
	echo live:x:20001:20001::/:/bin/sh | cat - /etc/passwd >"$work/passwd"
	echo live:700000:1000 | tee "$work/subuid" >"$work/subgid"
	chmod 644 "$work/passwd" "$work/subuid" "$work/subgid"
	unshare --mount sh -c 'for one in passwd subuid subgid; do mount --bind "$1/$one" /etc/$one || exit 1; done
		exec setpriv --reuid 20001 --regid 20001 --clear-groups --inh-caps=-all bash "$1/live.sh"' sh "$work"
	status=$?
	rm -rf "$work"
	exit $status
fi
if [ -z "${BERTH_LIVE:-}" ]; then
	BERTH_LIVE=$(mktemp -d /tmp/berth-live-XXXXXX)
	cp "$OUT/berth" "$OUT/berth-exec" "$OUT"/engines/proot-* "$BERTH_LIVE"
	cp expect.sh "$BERTH_LIVE"
	${CC:-gcc} -std=c11 -D_GNU_SOURCE -static -O1 -pthread -o "$BERTH_LIVE/guest" guest.c || exit 1
	trap 'rm -rf "$BERTH_LIVE"' EXIT
fi
work=$BERTH_LIVE
cd "$work" || exit 1
umask 022
export PATH=/usr/bin:/bin HOME=/tmp LC_ALL=C
for name in $(compgen -e); do
	case $name in PATH | HOME | LC_ALL | BERTH_LIVE | PWD | OUT) ;; *) unset "$name" ;; esac
done

. "$work/expect.sh"
holds() { # SENTENCE COMMAND...
	local sentence=$1
	shift
	"$@" >/dev/null 2>&1
	expect "$sentence" 0 $?
}
# Waits until FILE has a line that begins with WORD, then says its second word.
second_word() { # FILE WORD
	local tries=0 line
	while [ $tries -lt 500 ]; do
		line=$(grep -m1 "^$2" "$1" 2>/dev/null) && {
			echo "${line#* }"
			return
		}
		sleep 0.02
		tries=$((tries + 1))
	done
}
gone() { # PID: within two seconds
	local tries=0
	while [ $tries -lt 100 ] && kill -0 "$1" 2>/dev/null; do
		case $(cut -d' ' -f3 "/proc/$1/stat" 2>/dev/null) in Z | X | '') return 0 ;; esac
		sleep 0.02
		tries=$((tries + 1))
	done
	[ $tries -lt 100 ]
}
exec_=$work/berth-exec
guest=$work/guest
status() { "$guest" status "$@" 2>/dev/null | tail -1; }

# --- the tree, the plans
tree=$work/tree
mkdir -p "$tree"/{bin,dev,etc,proc,run,sys,tmp,data} outside volume share
chmod 700 share
cp "$(command -v busybox)" "$tree/bin/busybox"
cp "$guest" "$tree/bin/guest"
for name in sh ls cat touch mkdir readlink env true kill sleep id; do ln -s busybox "$tree/bin/$name"; done
ln -s ../run/resolve/stub.conf "$tree/etc/resolv.conf"
ln -s / "$tree/etc/up"
ln -s "../../../../../../../..$work/outside" "$tree/etc/escape"
ln -s /data "$tree/etc/data"
echo inside >"$tree/etc/name"
echo plain >"$tree/etc/plain"
chmod 644 "$tree/etc/plain"
echo volume >volume/file
echo outside >outside/file
uid=$(id -u) gid=$(id -g)

plan() { # NAME ROOTMODE LINES...
	local name=$1 mode=$2
	shift 2
	{
		printf 'berth-plan 1\nuid %s\nmode R1\nworkdir /\nnamespace user,mount\n' "$uid"
		printf 'identity %s %s\nroot %s %s\n' "$uid" "$gid" "$tree" "$mode"
		printf 'bind /proc /proc rec\nbind /sys /sys rec\nbind /dev /dev rec\n'
		printf '%s\n' "$@" end
	} >"$name"
}
plan r ro 'keep-env *'
snapshot() { (cd "$tree" && find . | sort && cat etc/name); }
before=$(snapshot)

echo '# namespace: arguments, environment'
expect 'arguments arrive byte for byte' "$(printf '3[a b]0[]1["]3[c\nd]2[$x]1[*]2[\xff\x01]')" \
	"$($exec_ r -- /bin/guest args 'a b' '' '"' $'c\nd' '$x' '*' $'\xff\x01')"
expect 'without -- too' '2[-x]' "$($exec_ r /bin/guest args -x)"
plan rc ro 'keep-env *' 'prefix /bin/guest args' 'command one %'
expect 'the plan has a command' '3[one]0[]' "$($exec_ rc)"
expect "the caller's words replace it" '3[two]' "$($exec_ rc -- two)"
has 'no command at all is an error' "$($exec_ r 2>&1)" 'no command'
plan re ro 'keep-env KEEP*' 'drop-env *_NOT' 'default-env PATH /bin' 'default-env KEEP_A 0' 'set-env SET a%20b'
expect 'the environment is as the plan says' "$(printf 'KEEP_A=\xff1\nPATH=/bin\nSET=a b')" \
	"$(KEEP_A=$'\xff1' KEEP_NOT=1 OTHER=1 $exec_ re -- guest env)"
expect 'nothing of the caller without keep-env' PATH=/bin "$(
	plan rn ro 'set-env PATH /bin'
	$exec_ rn -- guest env
)"

echo '# berth-rank: what the SPANK plugin puts in the place of a command'
ln -s berth-exec berth-rank
plan rr ro 'keep-env *'
expect 'plan and first word come from the environment, the others as they are' '2[--]2[-x]' \
	"$(SLURM_BERTH_PLAN=$work/rr SLURM_BERTH_COMMAND=/bin/guest ./berth-rank args -- -x)"
expect 'without a first word the command is all words' '1[a]' "$(SLURM_BERTH_PLAN=$work/rr ./berth-rank /bin/guest args a)"
expect 'none of these variables reaches the program' 'SLURM_PROCID=0' "$(env -i SLURM_PROCID=0 SLURM_BERTH_PREPARE=x \
	SLURM_BERTH_PLAN=$work/rr SLURM_BERTH_COMMAND=/bin/guest ./berth-rank env)"
refused=$(SLURM_LOCALID=0 SLURMD_NODENAME=n7 SLURM_BERTH_COMMAND=/bin/echo ./berth-rank ran 2>&1)
expect 'without a plan nothing runs' 125 $?
has 'and the first rank of a node says so' "$refused" 'starting the step on n7: it has no launch plan'
expect 'the others say nothing' '' "$(SLURM_LOCALID=1 ./berth-rank ran 2>&1)"
expect 'nor does any when all has been said' '' "$(SLURM_BERTH_REFUSED='' ./berth-rank ran 2>&1)"
printf '#!/elsewhere/libexec/berth-rank /bin/guest args\n' > guarded
expect 'the interpreter of a guarded batch script is one inside' "$((${#work} + 8))[$work/guarded]1[a]" \
	"$(SLURM_BERTH_BATCH=x SLURM_BERTH_PLAN=$work/rr SLURM_BERTH_COMMAND=$work/guarded ./berth-rank a)"
guarded=$(SLURM_LOCALID=0 ./berth-rank '/bin/guest args' "$work/guarded" 2>&1)
expect 'which a node without the plugin does not start' 125 $?
has 'and says why' "$guarded" 'it has no launch plan'

echo '# namespace: the tree'
expect 'a ro root is read-only' 1 "$($exec_ r -- /bin/touch /etc/new /bin/new /new 2>/dev/null; echo $?)"
plan rw rw 'keep-env *'
expect 'a rw root can be written to' 0 "$($exec_ rw -- /bin/touch /tmp/new 2>/dev/null; echo $?)"
rm -f "$tree/tmp/new"
plan rm ro 'keep-env *' "bind $work/volume /vol/a/b rw" "bind $work/volume /etc/x ro" \
	"bind $work/volume/file /etc/resolv.conf ro" "bind $work/volume/file /opt/f rw" \
	'bind /no/such /never rw,optional' 'tmpfs /scratch mode=1777,size=1m' "bind $work/volume /scratch/deep/er rw"
plan rs ro "bind $work/volume /etc/escape rw" "bind $work/volume /etc/data rw"
the_tree() { # RUN WHERE: the same on this kernel and on an old one
	local run=$1 where=$2
	expect "${where}missing targets are made" 'volume volume volume volume volume ' \
		"$($run rm -- /bin/sh -c 'for f in /vol/a/b/file /etc/x/file /etc/resolv.conf /opt/f /scratch/deep/er/file; do
		read line <$f; printf "%s " $line; done')"
	expect "${where}the folder's own entries are still there" 'inside busybox /data' \
		"$($run rm -- /bin/sh -c 'echo $(cat /etc/name) $(readlink /bin/sh) $(readlink /etc/data)')"
	expect "${where}covers are read-only too" '1 1 1' "$($run rm -- /bin/sh -c \
		'for f in /etc/new /new /vol/new; do touch $f 2>/dev/null; printf "%s " $?; done' | sed 's/ $//')"
	expect "${where}what is bound rw can be written to" 0 "$($run rm -- /bin/touch /vol/a/b/new; echo $?)"
	expect "${where}what is bound ro cannot" 1 "$($run rm -- /bin/touch /etc/x/new 2>/dev/null; echo $?)"
	expect "${where}a tmpfs is writable" 0 "$($run rm -- /bin/touch /scratch/new; echo $?)"
	holds "${where}writing to a volume reaches the host" test -e volume/new
	rm -f volume/new
	expect "${where}an optional source that is missing is skipped" 1 "$($run rm -- /bin/ls /never 2>/dev/null; echo $?)"
	expect "${where}nothing is left in the tree" "$before" "$(snapshot)"
	expect "${where}a link to an absolute path stays inside" file "$($run rs -- /bin/ls /data)"
	expect "${where}a link upwards that leads nowhere in the tree is replaced" file "$($run rs -- /bin/ls /etc/escape)"
	expect "${where}the folder outside is untouched" outside "$(cat outside/file)"
}
the_tree "$exec_" ''
the_tree "$guest old $exec_" 'old kernel: '
plan ru ro "bind $work/volume /etc/up rw"
has 'a link to the root is refused' "$($exec_ ru -- /bin/true 2>&1)" 'it leads to the root'
plan rt ro "bind $work/volume /etc/name rw"
has 'a folder on a file is an error with words' "$($exec_ rt -- /bin/true 2>&1)" 'Not a directory'
plan rg ro "bind $work/gone /data rw"
expect 'a missing source is an error' 125 "$($exec_ rg -- /bin/true 2>/dev/null; echo $?)"
plan rwm rw "bind $work/volume /made/deep rw" "bind $work/volume/file /made/file rw" "bind $work/volume/file /etc/resolv.conf ro"
expect 'missing targets are made in a rw tree' 'volume volume volume' \
	"$($exec_ rwm -- /bin/sh -c 'echo $(cat /made/deep/file /made/file /etc/resolv.conf)')"
holds 'below the root they stay there' test -d "$tree/made/deep" -a -f "$tree/made/file"
holds 'elsewhere those of files do not' test ! -e "$tree/run/resolve"
rm -rf "$tree/made"
plan rwl rw "bind $work/volume/file /etc/plain rw" "bind $work/volume/file /etc/host.conf ro" \
	"bind $work/volume /etc/ssl/certs rw" "bind $work/volume/file /etc/ssl/one rw" \
	'bind /no/such /etc/never ro,optional' 'tmpfs /etc/memory mode=1777' "bind $work/volume/file /data/sub/f rw"
the_layer() { # RUN WHERE
	expect "$2a file that a writable tree lacks is seen" 'volume volume volume volume volume inside' \
		"$($1 rwl -- /bin/sh -c 'echo $(cd /etc; cat plain host.conf ssl/certs/file ssl/one /data/sub/f name)')"
	expect "$2and the folder is listed whole" 'data escape host.conf memory name plain resolv.conf ssl up ' \
		"$($1 rwl -- /bin/sh -c 'cd /etc; for f in *; do [ $f = never ] || printf "%s " $f; done')"
	expect "$2what is written in it stays" 'one two x' "$($1 rwl -- /bin/sh -c \
		'cd /etc; echo one >kept; mkdir -p deep/er; echo two >deep/er/two; echo x >a; mv a b; touch gone; rm gone' &&
		echo $(cat "$tree/etc/kept" "$tree/etc/deep/er/two" "$tree/etc/b"))"
	expect "$2with no mark of ours" '' "$(getfattr -Rhd -m - "$tree" 2>/dev/null)"
	rm -rf "$tree/etc/kept" "$tree/etc/deep" "$tree/etc/b"
	expect "$2nothing else is left in the tree" "$before" "$(snapshot)"
}
the_layer "$exec_" ''
mkdir -p "$tree/.berth-layer-4194304/work" "$tree/.berth-layer-$$" # no process has the number of the first
$exec_ rwl -- /bin/true
expect 'what a killed start left is swept, and nothing of one that lives' ".berth-layer-$$" "$(ls -A "$tree" | grep layer)"
rmdir "$tree/.berth-layer-$$"
the_layer "$guest old $exec_" 'old kernel: '
mkdir over under
expect 'where a file system carries no layer they are made in the tree' 'volume 1' \
	"$(unshare -m --map-current-user --keep-caps sh -c "mount -t overlay -o userxattr,lowerdir=$tree,upperdir=over,workdir=under o $tree &&
		$exec_ rwl -- /bin/cat /etc/host.conf") $(ls over/etc | grep -c host.conf)"
chmod -R u+rwx under
rm -rf over under
expect 'nothing is left in the tree' "$before" "$(snapshot)"
plan rx ro "bind $tree/bin /data ro,noexec,nosuid,nodev"
expect 'noexec is kept' 126 "$($exec_ rx -- /data/guest exit 0 2>/dev/null; echo $?)"
plan rro ro "bind $work/volume /data rw"
expect 'a target below a rw volume is made there' volume "$(
	plan rvv ro "bind $work/volume /data rw" "bind $work/volume/file /data/sub/f ro"
	$exec_ rvv -- /bin/cat /data/sub/f
)"
rm -rf volume/sub
plan rwc rw "bind $work/volume /made/deep rw,rec,cover" "bind $work/volume/file /made/file rw,cover" "bind $work/volume /data rw" \
	"bind $work/volume/file /data/sub/f rw,cover" "bind $work/volume/file /etc/name rw,cover"
the_cover() { # RUN WHERE
	expect "$2with cover missing targets are seen" 'volume volume volume volume' \
		"$($1 rwc -- /bin/sh -c 'echo $(cat /made/deep/file /made/file /data/sub/f /etc/name)')"
	expect "$2what the folder had can still be written to" 0 "$($1 rwc -- /bin/touch /tmp/new; echo $?)"
	rm -f "$tree/tmp/new"
	expect "$2and nothing is left in the tree" "$before" "$(snapshot)"
	holds "$2nor in the volume" test ! -e volume/sub
}
the_cover "$exec_" ''
the_cover "$guest old $exec_" 'old kernel: '

echo '# namespace: programs of another processor'
cp "$guest" "$tree/bin/alien"
printf '\363' | dd of="$tree/bin/alien" bs=1 seek=18 conv=notrunc status=none
plan rq ro 'keep-env *' "emulator 64 little 243 $guest"
sed 's/^identity.*/identity 0 0/' rq >rq0
sed 's/^end/emulate root\nend/' rq0 >rqe
sed 's,^emulator.*,emulator 64 little 243 /no/such/qemu,' rq >rqn
expect 'without an emulator they do not run' 126 "$($exec_ r -- /bin/alien args a 2>/dev/null; echo $?)"
for one in rq rq0 rqe; do
	expect "$one: with one they do" '1[a]' "$($exec_ $one -- /bin/alien args a)"
done
expect 'also when they are started inside' '1[a]' "$($exec_ rq -- /bin/sh -c '/bin/alien args a')"
expect 'the ids are as wanted' "$uid $gid 0 0" "$(echo $($exec_ rq -- /bin/id -u) $($exec_ rq -- /bin/id -g) \
	$($exec_ rq0 -- /bin/id -u) $($exec_ rq0 -- /bin/id -g))"
expect 'the status is theirs' 'exit 7' "$(status $exec_ rq -- /bin/alien exit 7)"
{
	sed '/^end/d' rq
	printf 'share %s/share ALIEN\nend\n' "$work"
} >rqs
ALIEN=q $exec_ rqs -- /bin/sleep 60 &
second_word share/q.members $! >/dev/null
expect 'the next rank is where the first is' "$(readlink /proc/$!/ns/user) 1[a]" \
	"$(ALIEN=q $exec_ rqs -- /bin/sh -c 'echo $(readlink /proc/self/ns/user) $(/bin/alien args a)')"
kill $!
wait $! 2>/dev/null
has 'an emulator that is not there is told' "$($exec_ rqn -- /bin/true 2>&1)" \
	'telling the kernel what runs programs of another processor: /no/such/qemu: No such file'
expect 'a trial says that it can be' 42 "$($exec_ --probe-emulator 64 little 243 "$guest"; echo $?)"
rm -f "$tree/bin/alien"
echo '# namespace: status, signals, descriptors'
for number in 0 1 2 42 124 125 126 127 128 200 255; do
	expect "exit status $number" "exit $number" "$(status $exec_ r -- /bin/guest exit $number)"
done
for number in 1 2 9 10 11 15; do
	expect "the caller sees signal $number itself" "signal $number" "$(status $exec_ r -- /bin/guest die $number)"
done
expect 'not found is 127' 'exit 127' "$(status $exec_ r -- nothing-like-it)"
expect 'not executable is 126' 'exit 126' "$(status $exec_ r -- /etc/plain)"
expect 'and says so, and where was looked' 'berth: starting nothing-like-it in the container: not found in PATH
hint: name it by its path inside the container; PATH there is /bin' "$(PATH=/bin $exec_ r -- nothing-like-it 2>&1)"
plan rd ro 'keep-env *' 'workdir /none'
sed -i '0,/^workdir/{/^workdir/d}' rd
has 'a missing working folder is named' "$($exec_ rd -- /bin/true 2>&1)" '/none'
expect 'it replaces itself' same "$(sh -c "echo \$\$; exec $exec_ r -- /bin/guest pids" | {
	read -r a
	read -r b _
	[ "$a" = "$b" ] && echo same
})"
expect 'old kernel: descriptors above 2 are closed' '0 1 2 ' "$($guest old $exec_ r -- /bin/guest fds 5</dev/null 9</dev/null 200</dev/null)"
expect 'descriptors above 2 are closed' '0 1 2 ' "$($exec_ r -- /bin/guest fds 5</dev/null 9</dev/null 200</dev/null)"
plan rf ro 'keep-env *' 'keep-fd 7' 'keep-fd-env PMI_FD'
expect 'named descriptors stay' '0 1 2 7 11 ' "$(PMI_FD=11 $exec_ rf -- /bin/guest fds 5</dev/null 7</dev/null 11</dev/null 12</dev/null)"
plan ra ro 'keep-env *' 'keep-fd all'
expect 'or all, and none of ours' "$($guest fds 5</dev/null 200</dev/null)" "$($exec_ ra -- /bin/guest fds 5</dev/null 200</dev/null)"
expect 'mask, dispositions and umask stay' 'umask 077 blocked ignored 1' "$(
	umask 077
	trap '' HUP
	$exec_ rm -- /bin/guest state
)"
expect 'uid and gid are as wanted' "uid=$uid gid=$gid" "$($exec_ r -- /bin/id | cut -d' ' -f1,2 | sed 's/([^)]*)//g')"
sed "s/^identity.*/identity 0 0/" r >r0
expect 'or root, as seen inside' 'uid=0 gid=0' "$($exec_ r0 -- /bin/id | cut -d' ' -f1,2 | sed 's/([^)]*)//g')"

echo '# namespace: processors, a record, joining'
plan rcpu ro 'keep-env *' 'cpus 0'
expect 'the program keeps to its processors' "$(printf 'Cpus_allowed_list:\t0')" \
	"$($exec_ rcpu -- /bin/busybox grep Cpus_allowed_list /proc/self/status)"
plan rcpux ro 'keep-env *' 'cpus 8000-8191'
has 'processors that are not there are told' "$($exec_ rcpux -- /bin/true 2>&1)" 'processors 8000-8191'
printf 'berth-run 1\n' >record
plan rrec ro 'keep-env *' 'set-env SECRET 7' "record $work/record" "bind $work/volume /data rw"
$exec_ rrec -- /bin/sleep 60 &
first=$!
started=$(second_word record program)
expect 'the record has the program and when it started' "$first $(cut -d' ' -f22 /proc/$first/stat)" "$started"
{
	printf 'berth-plan 1\nuid %s\nmode R1\nworkdir /data\nnamespace user,mount\n' "$uid"
	printf 'keep-env *\njoin %s\nend\n' "$started"
} >rjoin
expect 'one who joins is in the same namespaces' "$(readlink /proc/$first/ns/mnt) $(readlink /proc/$first/ns/user)" \
	"$($exec_ rjoin -- /bin/sh -c 'echo $(readlink /proc/self/ns/mnt) $(readlink /proc/self/ns/user)')"
expect 'and sees its mounts' volume "$($exec_ rjoin -- /bin/cat file)"
kill "$first"
wait "$first" 2>/dev/null
has 'nobody joins what has ended' "$($exec_ rjoin -- /bin/cat file 2>&1)" 'it has ended'
expect 'which is 125' 125 "$($exec_ rjoin -- /bin/cat file 2>/dev/null; echo $?)"
plan rnorec ro 'keep-env *' 'record /no/such/record'
expect 'a record that cannot be written is no obstacle' x "$($exec_ rnorec -- /bin/busybox echo x)"

echo "# root's calls are answered (R2)"
plan e rw 'keep-env *' 'emulate root'
expect 'chown, mknod, setuid and setgroups are answered as done' '0 0 0 0' "$($exec_ e -- /bin/guest root /etc/name)"
expect '... and nothing was done' "$uid" "$(stat -c %u "$tree/etc/name")"
plan e0 rw 'keep-env *'
has 'and without it they fail' "$($exec_ e0 -- /bin/guest root /etc/name)" '22 1 22'
expect 'arguments of the program are its own' '1[a]' "$($exec_ e -- /bin/guest args a)"
expect 'but a named pipe is made' p "$($exec_ e -- /bin/busybox mkfifo /tmp/pipe; stat -c %A "$tree/tmp/pipe" | cut -c1)"
rm -f "$tree/tmp/pipe"

echo '# subordinate ids'
ids() { # NAME LINES...: a range of 1000, from 700000
	plan "$1" rw 'keep-env *' 'set-env PATH /bin' "subids ${ids:-700000 1000 700000 1000} /usr/bin/newuidmap /usr/bin/newgidmap" \
		"${@:2}"
	sed -i 's/^identity .*/identity 0 0/' "$1"
}
if grep -q "^live:" /etc/subuid; then
	give='busybox touch /tmp/given; busybox chown 33:34 /tmp/given; busybox stat -c %u:%g /tmp/given'
	ids s
	expect 'files can be given away' 33:34 "$($exec_ s -- sh -c "$give")"
	expect 'to an id of the host' 700032:700033 "$(stat -c %u:%g "$tree/tmp/given")"
	expect 'who starts is user 0, with no child to wait for' '0 0' \
		"$($exec_ s -- sh -c 'echo $(busybox id -u) $(busybox cat /proc/self/task/$$/children | busybox wc -w)')"
	expect 'also where ends of children are not heard' 0 "$(trap '' CHLD; $exec_ s -- busybox id -u)"
	ids sb 'become 33 34'
	expect 'the program becomes another user' '33 34 34' "$($exec_ sb -- sh -c 'echo $(busybox id -u; busybox id -G; busybox id -g)')"
	expect 'who owns what he was given' 0 "$($exec_ sb -- sh -c 'echo x >/tmp/given' && echo $?)"
	ids se 'emulate root'
	expect 'in R2 devices are answered, and the rest is real' '33:34 0 0' "$($exec_ se -- sh -c \
		"$give; busybox mknod /tmp/null c 1 3; echo \$?; busybox sed -n 's/NoNewPrivs:.//p' /proc/self/status" | tr '\n' ' ' | sed 's/ $//')"
	ids='1 1000 700000 1000' ids sn
	has 'a range of another is refused' "$($exec_ sn -- busybox id 2>&1)" 'mapping subordinate ids: newuidmap: uid range'
	expect 'which is 125' 125 "$($exec_ sn -- busybox id 2>/dev/null; echo $?)"
	ids sm
	sed -i 's,/usr/bin/newgidmap,/no/such/newgidmap,' sm
	has 'so is a program that is not there' "$($exec_ sm -- busybox id 2>&1)" '/no/such/newgidmap: No such file or directory'
	expect 'a trial shows it' '42 125' "$($exec_ --probe-subids 700000 1000 700000 1000 /usr/bin/newuidmap /usr/bin/newgidmap
		first=$?
		$exec_ --probe-subids 700000 1001 700000 1000 /usr/bin/newuidmap /usr/bin/newgidmap 2>/dev/null
		echo $first $?)"
	rm -f "$tree/tmp/given"
else
	echo 'not run: there is no range of ids for this user (as root the script gives one)'
fi

echo '# namespace: those beside the files, and joining whoever lives in a list'
own='for one in net ipc uts; do readlink /proc/self/ns/$one; done'
sed 's/^namespace .*/namespace user,mount,net,uts/' r >rown
sed -i "s|^end|share $work/share OWN\nend|" rown
: >owned
OWN=x $exec_ rown -- /bin/sh -c "$own; exec sleep 100" >owned &
tries=0
while [ "$(wc -l <owned)" -lt 3 ] && [ $tries -lt 200 ]; do
	sleep 0.02
	tries=$((tries + 1))
done
expect 'they are our own, the others are the node'\''s' 'ipc net net uts uts' \
	"$(sh -c "$own" | cat - owned | sort -u | sed 's/:.*//' | tr '\n' ' ' | sed 's/ $//')"
expect 'the next rank finds them' "$(cat owned)" "$(OWN=x $exec_ rown -- /bin/sh -c "$own")"
expect 'old kernel: the next rank finds them' "$(cat owned)" "$(OWN=x "$guest" old $exec_ rown -- /bin/sh -c "$own")"
expect 'the loopback is up' 1 "$(OWN=x $exec_ rown -- /bin/busybox ifconfig lo | grep -c UP)"
{
	grep -v '^\(identity\|root\|bind\|share\|end\)' rown
	printf 'join-ranks %s x\nend\n' "$work/share"
} >rranks
expect 'so does who joins the list' "$(cat owned)" "$($exec_ rranks -- /bin/sh -c "$own")"
kill %% 2>/dev/null
wait %% 2>/dev/null
has 'nobody joins a list of the dead' "$($exec_ rranks -- /bin/true 2>&1)" 'none of them runs any more'
expect 'which is 125 too' 125 "$($exec_ rranks -- /bin/true 2>/dev/null; echo $?)"
plan rslave ro 'keep-env *' "bind $work/volume /data rw,rec,slave" "bind $work/volume /mnt rw,rec" \
	"bind $work/volume /opt rw,rec,unbindable"
expect 'who is told of mounts is as the plan says' unbindable "$($exec_ rslave -- /bin/sh -c \
	"sed -n 's,.* /opt rw[^ ]* \\([a-z]*\\).*,\\1,p' /proc/self/mountinfo")"

echo '# namespace: shared by the ranks'
plan rsh ro 'keep-env *' "share $work/share STEP"
export STEP=job.1-0
rm -f go ns.*
mkfifo go
for rank in $(seq 32); do
	$exec_ rsh -- /bin/sh -c "/bin/guest link /proc/self/ns/user; /bin/guest link /proc/self/ns/mnt; read x" <go >ns.$rank &
done
exec 8>go
for rank in $(seq 32); do second_word ns.$rank mnt: >/dev/null; second_word ns.$rank mnt >/dev/null; done
expect '32 ranks at once get one user and one mount namespace' 2 "$(sort -u ns.* | wc -l)"
expect 'and all are there' 64 "$(cat ns.* | wc -l)"
expect 'it is not the one of the node' 0 "$(grep -c "$(readlink /proc/self/ns/user)" ns.1)"
expect 'all are in the list' 32 "$(wc -l <share/job.1-0.members)"
first=$(head -1 ns.1)
members=$(cut -d' ' -f1 share/job.1-0.members)
expect 'another step gets another one' different "$(STEP=job.2 $exec_ rsh -- /bin/guest link /proc/self/ns/user |
	{ read -r other; [ "$other" = "$first" ] || echo different; })"
expect 'nothing of ours stays beside the ranks' '' "$(for pid in $members; do
	tr '\0' ' ' <"/proc/$pid/cmdline" | grep berth-exec
done)"
expect 'a late rank joins' "$first" "$($exec_ rsh -- /bin/guest link /proc/self/ns/user)"
expect 'old kernel: a late rank joins' "$first" "$($guest old $exec_ rsh -- /bin/guest link /proc/self/ns/user)"
exec 8>&-
wait
alive=0
for pid in $members; do kill -0 "$pid" 2>/dev/null && alive=$((alive + 1)); done
expect 'the ranks end' 0 $alive
$exec_ rsh -- /bin/guest link /proc/self/ns/user >ns.again
expect 'a second wave lists only itself' 1 "$(wc -l <share/job.1-0.members)"
expect 'a list with other starts of the same pid is not believed' 1 "$(
	echo "$$ 1" >share/job.1-0.members
	$exec_ rsh -- /bin/true
	wc -l <share/job.1-0.members
)"
has 'a name that is no name is refused' "$(STEP=../x $exec_ rsh -- /bin/true 2>&1)" 'value of STEP'
unset STEP
$exec_ rsh -- /bin/true
holds 'without the variable the name is none' test -e share/none.members
chmod 770 share
has 'a folder that others may write to is refused' "$($exec_ rsh -- /bin/true 2>&1)" 'others may write'
chmod 700 share

echo '# a node without user namespaces'
expect 'says so, and what to do' "berth: making a user and a mount namespace: No space left on device
hint: user namespaces are switched off on $(uname -n); use --mode=P1" "$(unshare -Ur sh -c \
	'echo 0 >/proc/sys/user/max_user_namespaces; sed "s/^uid.*/uid 0/" r >rz; exec "$0" rz -- /bin/true' $exec_ 2>&1)"

echo '# refused plans'
refused() { # SENTENCE PART
	expect "$1" 125 "$($exec_ bad -- /bin/true >/dev/null 2>&1; echo $?)"
	has "... with words" "$($exec_ --check bad 2>&1)" "$2"
}
cp r bad
chmod 666 bad
refused 'writable by others' 'others may write'
chmod 600 bad
sed -i '$d' bad
refused 'incomplete' 'incomplete'
sed 's/^uid.*/uid 4242/' r >bad
refused 'of another user' 'made for user 4242'
sed '2i boot 00000000' r >bad
refused 'of another boot' 'made for boot'
sed '2i node elsewhere' r >bad
refused 'of another node' 'made for node elsewhere'
sed "2i stamp $tree 1 - 5.000000000" r >bad
refused 'of a changed tree' 'another inode'
sed '2i after x' r >bad
expect 'with a step after it' 125 "$($exec_ bad -- /bin/true 2>/dev/null; echo $?)"
ln -s r link
has 'through a link' "$($exec_ link -- /bin/true 2>&1)" 'a link'
expect 'a good one is checked without being started' 0 "$($exec_ --check r; echo $?)"

echo '# a probe'
mkdir empty
cp berth-exec empty/x
sed "s,^root .*,root $work/empty rw,; /^bind/d" r >probe
has 'a filter is proved only where there is one' "$($exec_ probe -- /x --probe-filter token 2>&1)" 'no seccomp filter'
expect 'the program runs from a tree with nothing else' 'token 42' "$($exec_ probe -- /x --probe token | tr '\n' ' '; echo "${PIPESTATUS[0]}")"

# The contract that both kinds of engine keep: one that needs our init, and our own that does not.
proot_plan() { # WORDS-BEFORE LINES [LAST-WORD]
	printf 'berth-plan 1\nuid %s\nmode P2\nkeep-env *\nkeep-fd 7\n' "$uid"
	printf 'engine %s -b /proc -b /sys -b /dev -b %s -r %s -w /%s\n' "$1" "$work" "$tree" "${3:+ $3}"
	printf 'engine-env PROOT_TMP_DIR %s\n%send\n' "$work" "$2"
}
engine_checks() {
expect 'arguments arrive byte for byte' "$(printf '3[a b]0[]3[c\nd]2[\xff\x01]')" "$($exec_ p -- /bin/guest args 'a b' '' $'c\nd' $'\xff\x01')"
expect "the engine's variables are taken out" 0 "$($exec_ p -- guest env | grep -c PROOT)"
for number in 0 1 42 125 255; do
	expect "exit status $number" "exit $number" "$(status $exec_ p -- guest exit $number)"
done
for number in 9 15 11; do
	expect "killed by signal $number is $((128 + number))" "exit $((128 + number))" "$(status $exec_ p -- guest die $number)"
done
expect 'not found is 127' 'exit 127' "$(status $exec_ p -- nothing-like-it)"
expect 'not executable is 126' 'exit 126' "$(status $exec_ p -- /etc/plain)"
expect 'the program has no other descriptor' '0 1 2 ' "$($exec_ p -- guest fds 5</dev/null)"
expect 'but the named one' '0 1 2 7 ' "$($exec_ p -- guest fds 5</dev/null 7</dev/null)"
expect 'mask, dispositions and umask stay' 'umask 077 blocked ignored 1' "$(
	umask 077
	trap '' HUP
	$exec_ p -- guest state
)"

# MODE: `alone` signals the supervisor, `group` its whole process group.
signalled() { # NUMBER MODE
	rm -f notes
	setsid $exec_ p -- guest wait "$work/notes" 2>/dev/null & # proot 5.1 writes its state on USR1
	local supervisor=$!
	second_word notes ready >/dev/null
	case $2 in alone) kill -"$1" $supervisor ;; group) kill -"$1" -- -$supervisor ;; esac
	[ "$1" = 15 ] || { sleep 0.3; kill -15 $supervisor; }
	wait $supervisor
	echo "$? $(grep -c "^signal $1\$" notes)"
}
for number in 15 10 2 1; do
	expect "signal $number to the supervisor reaches the program once" '43 1' "$(signalled $number alone)"
	expect "signal $number to the whole group reaches it once" '43 1' "$(signalled $number group)"
done
rm -f notes
setsid bash -c 'trap "" HUP; exec "$0" p -- guest wait "$1"' $exec_ "$work/notes" &
supervisor=$!
second_word notes ready >/dev/null
kill -HUP $supervisor
sleep 0.2
holds 'a supervisor that ignores HUP is not ended by it' kill -0 $supervisor
kill -TERM $supervisor
wait $supervisor
rm -f notes
expect 'what the program leaves is ended' 0 "$(status $exec_ p -- guest orphan "$work/notes" | cut -d' ' -f2)"
holds '... and is gone' gone "$(second_word notes ready)"
expect 'a terminal stays one' 111 "$(script -qec "$exec_ p -- guest tty" /dev/null </dev/null | tr -d '\r\n')"
sed 's,^engine [^ ]*,engine /no/proot,' p >p1
has 'a missing engine is named' "$($exec_ p1 -- /bin/true 2>&1; echo $?)" 'starting the engine /no/proot: No such file or directory'
expect '... with 125' 125 "$($exec_ p1 -- /bin/true 2>/dev/null; echo $?)"
}
if command -v proot >/dev/null; then
echo '# proot, with our init inside (P2)'
proot_plan "$(command -v proot) -b $exec_:/.berth" $'engine-env PROOT_NO_SECCOMP 1\nengine-init /.berth\n' >p
engine_checks
for victim in supervisor engine init; do
	rm -f notes
	setsid $exec_ p -- guest wait "$work/notes" &
	supervisor=$!
	program=$(second_word notes ready)
	engine=$(cat /proc/$supervisor/task/$supervisor/children)
	init=$(cat /proc/${engine% }/task/${engine% }/children)
	kill -KILL ${!victim}
	wait $supervisor 2>/dev/null
	holds "KILL to the $victim ends the program" gone "$program"
	holds "... and the engine" gone "$engine"
done
sed 's,^engine .*,engine /bin/false,' p >p1
expect 'an engine that fails gives 125' 125 "$($exec_ p1 -- /bin/true 2>/dev/null; echo $?)"
fi
own="$work/proot-$(uname -m)"
seccomp=(2 0)
rm -f "$tree/.berth"
entries=$(ls -A "$tree")
for variant in P1 P2; do
	echo "# our own PRoot, in place ($variant)"
	[ $variant = P1 ] && none='' || none=$'engine-env PROOT_NO_SECCOMP 1\n'
	proot_plan "$own --kill-on-exit -b $work:/not/there" "engine-env PROOT_DONT_POLLUTE_ROOTFS 1"$'\n'"engine-env PROOT_LOADER $work/proot-loader-$(uname -m)"$'\n'"$none" /.berth-start >p
	engine_checks
	rm -f notes
	$exec_ p -- guest wait "$work/notes" &
	engine=$!
	program=$(second_word notes ready)
	expect 'a filter decides which calls are traced, in P1 only' "${seccomp[0]}" "$(awk '/^Seccomp:/ { print $2 }' /proc/"$program"/status)"
	seccomp=("${seccomp[@]:1}")
	expect 'berth-exec became the engine' "$own" "$(readlink /proc/$engine/exe)"
	expect 'the program is its child' "$program" "$(sed 's/ $//' /proc/$engine/task/$engine/children)"
	kill -KILL $engine
	wait $engine 2>/dev/null
	holds 'KILL to the engine ends the program' gone "$program"
	expect 'an engine that cannot begin gives 125' 125 "$(sed "s, -r $tree, -r /no/tree," p >p1; $exec_ p1 -- /bin/true 2>/dev/null; echo $?)"
	has '... and says why' "$($exec_ p1 -- /bin/true 2>&1)" '/no/tree'
	expect 'a command that looks like an option is a command' 'exit 127' "$(status $exec_ p -- -r)"
	expect 'without our marker it is a plain PRoot' plain "$(PROOT_TMP_DIR=$work timeout 20 "$own" -r "$tree" /bin/guest args plain | tr -d '0-9[]')"
	expect 'threads share their heap' 'one heap' "$($exec_ p -- guest heap)"
	[ $variant = P1 ] || expect 'a program that only asks makes room' room "$($exec_ p -- guest ask)"
	expect 'and their folder' /etc "$($exec_ p -- guest folder /etc)"
	for name in /proc/self/ns/ipc /proc/thread-self/ns/user; do
		expect "$name is there" "$("$guest" namespace $name)" "$($exec_ p -- guest namespace $name)"
	done
	expect 'and the tree has no new entry' "$entries" "$(ls -A "$tree")"
done

echo '# the front'
root=$work/root
mkdir -p "$root"/{bin,libexec,lib,runtime/bin}
cp berth "$root/bin/berth"
cp berth-exec "$root/libexec/berth-exec"
ln -s berth "$root/bin/udocker"
berth=$root/bin/berth
has 'a missing Java is named' "$($berth ps 2>&1; echo $?)" '/runtime/bin/java is missing'
expect '... with 125' 125 "$($berth ps 2>/dev/null; echo $?)"
cat >"$root/runtime/bin/java" <<'JAVA'
#!/bin/sh
options=
while [ "$1" != io.berth.boot.Main ]; do
	options="$options $1"
	shift
done
shift
answer=/proc/self/fd/$BERTH_FRONT_FD
case $1 in
plan) cat "$2" >"$answer" ;;
slow) trap '' TERM; echo ready >"$3"; sleep 0.5; cat "$2" >"$answer" ;;
exit) cat "$3" >"$answer"; exit "$2" ;;
again) [ "$BERTH_FRONT_QUICK" = 1 ] && { echo again >"$answer"; exit; }; echo "$options"; cat "$2" >"$answer" ;;
run) exit 1 ;;
die) kill -"$2" $$ ;;
environment) env ;;
options | pull) echo "$options" ;;
wait) trap 'echo signal TERM >>"$2"; exit 9' TERM; echo ready $$ >>"$2"; while :; do sleep 0.02; done ;;
big) head -c 3000000 /dev/zero >"$answer" ;;
held) sleep 30 >"$answer" & echo $! >"$2" ;;
rest) shift; echo "$@" "$(cat)" >>"$REST"; echo visible ;;
esac
JAVA
chmod 755 "$root/runtime/bin/java"
plan f ro 'keep-env *' 'keep-fd 7' 'command /bin/guest env'
has 'bytes of the environment that are not UTF-8 arrive' "$(X=$'a\xff\xfe' $berth plan f)" $'X=a\xff\xfe'
expect "the program has the caller's LC_ALL" LC_ALL=C "$($berth plan f | grep LC_ALL)"
expect '... and nothing of the front' 0 "$($berth plan f | grep -c BERTH_FRONT)"
has 'Java has a UTF-8 locale' "$($berth environment)" LC_ALL=C.UTF-8
has '... and knows the caller'"'"'s' "$($berth environment)" BERTH_FRONT_LC_ALL=C
has '... and the name' "$("$root/bin/udocker" environment)" BERTH_FRONT_NAME=udocker
has '... and the root' "$($berth environment)" "BERTH_FRONT_HOME=$root"
has '... and the mask' "$(umask 027; $berth environment)" BERTH_FRONT_UMASK=0027
has '... and the terminals' "$(script -qec "$berth environment" /dev/null </dev/null | tr -d '\r')" $'BERTH_FRONT_TTY=012'
expect '... and that there are none' 'BERTH_FRONT_TTY=' "$($berth environment 2>/dev/null </dev/null | grep TTY)"
has 'quick commands use the quick compiler' "$($berth options)" '-XX:TieredStopAtLevel=1'
expect 'bulk commands do not' 0 "$($berth pull | grep -c TieredStopAtLevel)"
expect 'without a cache there is no option for one' 0 "$($berth options | grep -c AOTCache)"
build=$("$exec_" --version | sed 's/.*build \(.*\))/\1/')
touch "$root/lib/berth-$build.aot" "$root/lib/berth-$build-quick.aot"
has 'a cache of the same build is used' "$($berth pull)" "-XX:AOTCache=$root/lib/berth-$build.aot"
has 'light commands have a small one' "$($berth options)" "-XX:AOTCache=$root/lib/berth-$build-quick.aot"
has 'extra options come in' "$(BERTH_JAVA_OPTS=' -Da=1  -Db=2 ' $berth options)" ' -Da=1 -Db=2 -cp'
plan ff ro 'keep-env *' 'keep-fd 7' 'command /bin/guest fds'
expect 'descriptor 7 arrives, and nothing else' '0 1 2 7 ' "$($berth plan ff 5</dev/null 7</dev/null)"
plan fs ro 'keep-env *' 'command /bin/guest state'
expect 'mask, dispositions and umask are the caller'"'"'s' 'umask 026 blocked 10 ignored 1 17' "$(
	umask 026
	$guest odd "$berth" plan fs
)"
plan fx ro 'keep-env *' 'command /bin/guest exit 33'
expect 'the status is the program'"'"'s' 'exit 33' "$(status $berth plan fx)"
plan fk ro 'keep-env *' 'command /bin/guest die 15'
expect 'and its death' 'signal 15' "$(status $berth plan fk)"
expect 'an empty answer with 0 is done' 'exit 0' "$(status $berth nothing)"
expect 'a failure of Java passes through, its answer is ignored' 'exit 3' "$(status $berth exit 3 fx)"
has 'a command that turns out to have much to do is started again' "$($berth again fx)" -Xmx160m
expect '... once, and then answers' 'exit 33' "$(status $berth again fx)"
expect 'a broken Java is not taken for the program' 'exit 125' "$(status $berth run)"
expect '... but where no program runs' 'exit 1' "$(status $berth exit 1 fx)"
expect 'a killed Java gives 128+n' 'exit 137' "$(status $berth die 9)"
expect 'an answer beyond 1 MiB is refused' 'exit 125' "$(status $berth big)"
echo nonsense >nonsense
expect 'an answer that is no plan is refused' 'exit 125' "$(status $berth plan nonsense)"
expect 'a child of Java that holds the pipe does not hold us' 'exit 0' "$(status /usr/bin/timeout 5 $berth held "$work/holder")"
kill "$(cat holder)" 2>/dev/null
rm -f notes
setsid $berth wait "$work/notes" &
front=$!
second_word notes ready >/dev/null
kill -TERM $front
wait $front
expect 'TERM while Java works is handed to it' '9 1' "$? $(grep -c 'signal TERM' notes)"
rm -f notes
setsid $berth wait "$work/notes" &
front=$!
java=$(second_word notes ready)
kill -KILL $front
wait $front 2>/dev/null
holds 'Java ends with the front' gone "$java"
rm -f notes
setsid $berth slow fx "$work/notes" &
front=$!
second_word notes ready >/dev/null
kill -TERM $front
wait $front
expect 'TERM that Java did not care for ends us, not the program' 143 $?

echo '# a step after the program'
export REST=$work/rest
plan fa ro 'keep-env *' 'command /bin/guest exit 33' 'after rest a b%20c'
echo unread >input
expect 'the status is the program'"'"'s' 'exit 33' "$(status $berth plan fa <input)"
expect 'the step ran once, without input' 'a b c ' "$(cat rest)"
expect '... and without output' '' "$($berth plan fa)"
plan fa ro 'keep-env *' 'command /bin/guest die 9' 'after rest x'
expect 'killed is 128+n' 'exit 137' "$(status $berth plan fa)"
plan fa ro 'keep-env *' 'keep-fd 7' 'command /bin/guest fds' 'after rest x'
expect 'descriptors are right there too' '0 1 2 7 ' "$($berth plan fa 5</dev/null 7</dev/null)"
plan fa ro 'keep-env *' "bind $work /data rw" 'command /bin/guest wait /data/notes' 'after rest done'
for mode in alone group; do
	rm -f notes rest
	setsid $berth plan fa &
	front=$!
	second_word notes ready >/dev/null
	case $mode in alone) kill -TERM $front ;; group) kill -TERM -- -$front ;; esac
	wait $front
	expect "TERM ($mode) reaches the program once, then the step runs" '43 1 done ' "$? $(grep -c 'signal 15' notes) $(cat rest)"
done
rm -f notes
setsid $berth plan fa &
front=$!
second_word notes ready >/dev/null
program=$(pgrep -P "$(pgrep -P $front)")
kill -KILL $front
wait $front 2>/dev/null
holds 'KILL to the front ends the program' gone "$program"
if command -v proot >/dev/null; then
	rm -f rest
	sed "s,^mode,after rest engine\ncommand guest exit 34\nmode," p >fp
	expect 'with an engine too' 'exit 34 engine ' "$(status $berth plan fp) $(cat rest)"
fi

echo "$passed passed, $failed failed"
[ $failed = 0 ]
