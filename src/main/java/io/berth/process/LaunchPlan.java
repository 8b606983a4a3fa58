package io.berth.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// Complete instructions for starting a program in a container; nothing in it is left to decide.
///
/// Source: docs/formats/launch-plan.md, which says what each part means to `berth-exec`.
///
/// @param prefix words put before any command (an entry point)
/// @param command used when the starter's caller gives none; empty means one must be given
/// @param after words for `berth` once the program has ended; only the front does that
/// @param cpus that the program may use, `0-3,8`
/// @param record of this run, to which the starter adds the program (see [RunRecord])
public record LaunchPlan(
        String mode,
        Owner owner,
        List<Stamp> stamps,
        EnvironmentPolicy environment,
        DescriptorPolicy descriptors,
        List<String> prefix,
        List<String> command,
        List<String> after,
        Optional<String> cpus,
        Optional<Path> record,
        Start start) {
    public LaunchPlan {
        stamps = List.copyOf(stamps);
        prefix = List.copyOf(prefix);
        command = List.copyOf(command);
        after = List.copyOf(after);
    }

    /// For whom and where the plan holds.
    ///
    /// @param bootId of /proc/sys/kernel/random/boot_id
    /// @param node of uname(2)
    public record Owner(long uid, String bootId, String node) {}

    private static final List<String> EMULATE = List.of("emulate", "root");

    /// How the container comes to be.
    public sealed interface Start {
        /// Its lines in a plan.
        List<List<String>> lines();
    }

    /// berth-exec makes (or joins) a user and a mount namespace.
    ///
    /// @param uid of the program; the caller's own or 0, or with subordinate ids any of those
    /// @param emulatesRoot answers calls that only root can do as done
    /// @param unshared more namespaces that are made: `net`, `ipc`, `uts`
    /// @param emulator of another processor, which the kernel is told of in the namespace
    /// @param subIds more users and groups, in a namespace in which the caller is user 0
    public record Namespace(
            long uid,
            long gid,
            Optional<Share> share,
            Path root,
            boolean readOnly,
            List<Mount> mounts,
            String workingDirectory,
            boolean emulatesRoot,
            List<String> unshared,
            Optional<Emulator> emulator,
            Optional<SubIds> subIds)
            implements Start {
        public Namespace {
            mounts = List.copyOf(mounts);
            unshared = List.copyOf(unshared);
        }

        public Namespace(
                long uid,
                long gid,
                Optional<Share> share,
                Path root,
                boolean readOnly,
                List<Mount> mounts,
                String workingDirectory,
                boolean emulatesRoot) {
            this(
                    uid,
                    gid,
                    share,
                    root,
                    readOnly,
                    mounts,
                    workingDirectory,
                    emulatesRoot,
                    List.of(),
                    Optional.empty(),
                    Optional.empty());
        }

        private Namespace alone() {
            return new Namespace(
                    uid,
                    gid,
                    Optional.empty(),
                    root,
                    readOnly,
                    mounts,
                    workingDirectory,
                    emulatesRoot,
                    unshared,
                    emulator,
                    Optional.empty());
        }

        /// Whom the program becomes; the launcher itself does for one who is alone.
        private Optional<Become> become() {
            return subIds.map(_ -> new Become(uid, gid));
        }

        @Override
        public List<List<String>> lines() {
            List<List<String>> lines = new ArrayList<>();
            List<String> namespaces = new ArrayList<>(List.of("user", "mount"));
            namespaces.addAll(unshared);
            lines.add(List.of("namespace", String.join(",", namespaces)));
            lines.add(
                    subIds.isPresent()
                            ? List.of("identity", "0", "0")
                            : List.of("identity", Long.toString(uid), Long.toString(gid)));
            subIds.ifPresent(ids -> lines.add(ids.line()));
            become().filter(Become::isOther).ifPresent(user -> lines.add(user.line()));
            share.ifPresent(
                    meeting -> lines.add(List.of("share", meeting.folder().toString(), meeting.variable())));
            lines.add(List.of("root", root.toString(), readOnly ? "ro" : "rw"));
            mounts.forEach(mount -> lines.add(mount.line()));
            lines.add(List.of("workdir", workingDirectory));
            if (emulatesRoot) {
                lines.add(EMULATE);
            }
            emulator.ifPresent(program -> lines.add(program.line()));
            return lines;
        }
    }

    /// A program that runs those of another processor.
    ///
    /// @param machine its number in an ELF file
    public record Emulator(int bits, boolean littleEndian, int machine, Path program) {
        /// As berth-exec takes it, in a plan and for a trial.
        public List<String> words() {
            return List.of(
                    Integer.toString(bits),
                    littleEndian ? "little" : "big",
                    Integer.toString(machine),
                    program.toString());
        }

        private List<String> line() {
            List<String> line = new ArrayList<>(List.of("emulator"));
            line.addAll(words());
            return line;
        }
    }

    /// Ranges of ids of the host that the caller may use, as users and groups 1 and so on; he himself is 0.
    ///
    /// @param uid the first of `uids`
    /// @param newuidmap and `newgidmap`, which tell the kernel
    public record SubIds(long uid, long uids, long gid, long gids, Path newuidmap, Path newgidmap) {
        /// As berth-exec takes them, in a plan and for a trial.
        public List<String> words() {
            return List.of(
                    Long.toString(uid),
                    Long.toString(uids),
                    Long.toString(gid),
                    Long.toString(gids),
                    newuidmap.toString(),
                    newgidmap.toString());
        }

        private List<String> line() {
            List<String> line = new ArrayList<>(List.of("subids"));
            line.addAll(words());
            return line;
        }

        /// Whether both give the same files to the same users.
        public boolean isLike(SubIds other) {
            return words().subList(0, 4).equals(other.words().subList(0, 4));
        }

        /// Whether user and group are among those.
        public boolean hold(long user, long group) {
            return user <= uids && group <= gids;
        }
    }

    /// A user among subordinate ids.
    public record Become(long uid, long gid) {
        boolean isOther() {
            return uid != 0 || gid != 0;
        }

        private List<String> line() {
            return List.of("become", Long.toString(uid), Long.toString(gid));
        }
    }

    /// The same by an OCI runtime, which gets the tree as berth-exec has put it together.
    ///
    /// @param kind `crun` or `runc`
    /// @param folder empty and private, for what lasts as long as the container
    /// @param init berth-exec, which is the program's parent inside
    public record ByRuntime(Namespace namespace, String kind, Path program, Path folder, Path init) implements Start {
        @Override
        public List<List<String>> lines() {
            List<List<String>> lines = new ArrayList<>(namespace.lines());
            lines.add(List.of("runtime", kind, program.toString(), folder.toString(), init.toString()));
            return lines;
        }
    }

    /// Ranks that meet in one namespace.
    ///
    /// @param folder private to the user, on the node
    /// @param variable whose value tells one step from the next
    public record Share(Path folder, String variable) {}

    /// A program that makes the container, such as PRoot.
    ///
    /// @param program absolute path and words; the command follows them
    /// @param environment for the engine only
    /// @param initPath where, inside, the engine shows berth-exec; absent when the engine keeps the contract itself
    public record Engine(List<String> program, SequencedMap<String, String> environment, Optional<String> initPath)
            implements Start {
        public Engine {
            program = List.copyOf(program);
            environment = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(environment));
        }

        @Override
        public List<List<String>> lines() {
            List<List<String>> lines = new ArrayList<>();
            List<String> start = new ArrayList<>(List.of("engine"));
            start.addAll(program);
            lines.add(start);
            environment.forEach((name, value) -> lines.add(List.of("engine-env", name, value)));
            initPath.ifPresent(path -> lines.add(List.of("engine-init", path)));
            return lines;
        }
    }

    /// Programs on the host whose paths a preloaded library rewrites; the settings of it are in the environment.
    ///
    /// @param root real path of the tree
    public record Fake(Path root, String workingDirectory) implements Start {
        @Override
        public List<List<String>> lines() {
            return List.of(List.of("fake", root.toString()), List.of("workdir", workingDirectory));
        }
    }

    /// An engine that makes all of the container itself, and hands descriptors on.
    ///
    /// @param program absolute path and words
    /// @param environment for the engine only
    /// @param init berth-exec, which is the program's parent inside
    public record Sandbox(
            List<String> program, SequencedMap<String, String> environment, String workingDirectory, Path init)
            implements Start {
        public Sandbox {
            program = List.copyOf(program);
            environment = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(environment));
        }

        @Override
        public List<List<String>> lines() {
            List<List<String>> lines = new ArrayList<>(new Engine(program, environment, Optional.empty()).lines());
            lines.add(List.of("workdir", workingDirectory));
            lines.add(List.of("engine-inside", init.toString()));
            return lines;
        }
    }

    /// In the namespaces of a program that runs.
    ///
    /// @param become whom the program becomes where there are subordinate ids
    public record Joined(ProcessMark program, String workingDirectory, boolean emulatesRoot, Optional<Become> become)
            implements Start {
        @Override
        public List<List<String>> lines() {
            List<List<String>> lines = new ArrayList<>(List.of(
                    List.of("namespace", "user,mount"),
                    List.of("join", Long.toString(program.pid()), Long.toString(program.started())),
                    List.of("workdir", workingDirectory)));
            become.ifPresent(user -> lines.add(user.line()));
            if (emulatesRoot) {
                lines.add(EMULATE);
            }
            return lines;
        }
    }

    /// In the namespaces of whichever rank of a list lives when the program is started.
    ///
    /// @param value of the variable that the list is named by
    public record JoinedRanks(Path folder, String value, String workingDirectory, boolean emulatesRoot)
            implements Start {
        @Override
        public List<List<String>> lines() {
            List<List<String>> lines = new ArrayList<>(List.of(
                    List.of("namespace", "user,mount"),
                    List.of("join-ranks", folder.toString(), value),
                    List.of("workdir", workingDirectory)));
            if (emulatesRoot) {
                lines.add(EMULATE);
            }
            return lines;
        }
    }

    /// @param words for berth when the program has ended; none for nothing
    public LaunchPlan withAfter(List<String> words) {
        return new LaunchPlan(
                mode, owner, stamps, environment, descriptors, prefix, command, words, cpus, record, start);
    }

    public LaunchPlan withStamp(Stamp stamp) {
        List<Stamp> more = new ArrayList<>(stamps);
        more.add(stamp);
        return new LaunchPlan(mode, owner, more, environment, descriptors, prefix, command, after, cpus, record, start);
    }

    public LaunchPlan withRecord(Path file) {
        return new LaunchPlan(
                mode, owner, stamps, environment, descriptors, prefix, command, after, cpus, Optional.of(file), start);
    }

    /// Sets a variable unless the plan sets it already.
    public LaunchPlan withVariable(String name, String value) {
        SequencedMap<String, String> settings = new LinkedHashMap<>(environment.settings());
        settings.putIfAbsent(name, value);
        EnvironmentPolicy more =
                new EnvironmentPolicy(environment.keep(), environment.drop(), environment.defaults(), settings);
        return new LaunchPlan(mode, owner, stamps, more, descriptors, prefix, command, after, cpus, record, start);
    }

    /// In the namespaces of a program that runs, instead of new ones.
    ///
    /// Shape: only for a plan that makes a namespace.
    public LaunchPlan joining(ProcessMark program) {
        Namespace namespace = namespace();
        return startedBy(
                new Joined(program, namespace.workingDirectory(), namespace.emulatesRoot(), namespace.become()));
    }

    /// The same with the ranks that are listed in a folder.
    ///
    /// Shape: as above.
    public LaunchPlan joining(Path folder, String value) {
        Namespace namespace = namespace();
        return startedBy(new JoinedRanks(folder, value, namespace.workingDirectory(), namespace.emulatesRoot()));
    }

    /// The same by an OCI runtime, for each rank by itself.
    ///
    /// Shape: only for a plan that makes a namespace.
    ///
    /// @param kind `crun` or `runc`
    /// @param folder empty and private, for what lasts as long as the container
    /// @param init berth-exec, which is the program's parent inside
    public LaunchPlan byRuntime(String kind, Path program, Path folder, Path init) {
        return startedBy(new ByRuntime(namespace().alone(), kind, program, folder, init));
    }

    private Namespace namespace() {
        if (!(start instanceof Namespace namespace)) {
            throw new IllegalStateException("mode " + mode + " makes no namespace that could be joined");
        }
        return namespace;
    }

    private LaunchPlan startedBy(Start other) {
        return new LaunchPlan(
                mode, owner, stamps, environment, descriptors, prefix, command, after, cpus, record, other);
    }
}
