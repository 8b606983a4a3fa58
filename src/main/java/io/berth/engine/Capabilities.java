package io.berth.engine;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What each mode can do: the one table that the engines ask before a start and that `docs/modes.md` shows.
///
/// What depends on more than the mode (which PRoot there is, how a tree was prepared) the engine itself adds.
public final class Capabilities {
    private static final List<ExecutionMode> P = List.of(ExecutionMode.P1, ExecutionMode.P2);
    private static final List<ExecutionMode> F =
            List.of(ExecutionMode.F1, ExecutionMode.F2, ExecutionMode.F3, ExecutionMode.F4);
    private static final List<ExecutionMode> R = List.of(ExecutionMode.R1, ExecutionMode.R2, ExecutionMode.R3);
    private static final List<ExecutionMode> S = List.of(ExecutionMode.S1);
    private static final List<ExecutionMode> NO_PTRACE = Stream.of(F, List.of(ExecutionMode.R1, ExecutionMode.R2), S)
            .flatMap(List::stream)
            .toList();

    private static final String HOSTS_NETWORK = "the network is the host's: let the program listen on the outer port";
    private static final Capability CAN = new Capability.Can();

    private static final Map<Feature, Map<ExecutionMode, Capability>> MODES = modes();
    private static final Map<Feature, Map<Maker, Capability>> MAKERS = makers();

    private Capabilities() {}

    static Capability of(ExecutionMode mode, Feature feature) {
        return row(MODES, feature).getOrDefault(mode, CAN);
    }

    /// Of R1, by the program that makes its namespaces.
    static Capability of(Maker maker, Feature feature) {
        return row(MAKERS, feature).getOrDefault(maker, CAN);
    }

    /// The first demand that a mode cannot meet, as the end of "MODE cannot ...".
    public static Optional<String> objection(ExecutionMode mode, List<Demand> demands) {
        return demands.stream()
                .flatMap(demand -> objection(of(mode, demand.feature()), demand).stream())
                .findFirst();
    }

    /// Likewise for one of R1's makers.
    public static Optional<String> objection(Maker maker, List<Demand> demands) {
        return demands.stream()
                .flatMap(demand -> objection(of(maker, demand.feature()), demand).stream())
                .findFirst();
    }

    private static Optional<String> objection(Capability capability, Demand demand) {
        return capability instanceof Capability.Cannot(String reason)
                ? Optional.of(demand.what() + ": " + reason + demand.addition())
                : Optional.empty();
    }

    private static <K> Map<K, Capability> row(Map<Feature, Map<K, Capability>> table, Feature feature) {
        return table.getOrDefault(feature, Map.of());
    }

    private static Map<Feature, Map<ExecutionMode, Capability>> modes() {
        Table<ExecutionMode> table = new Table<>();
        volumes(table);
        users(table);
        images(table);
        program(table);
        return table.rows;
    }

    private static void volumes(Table<ExecutionMode> table) {
        table.note(F, Feature.FOLDER_VOLUME, "the program sees the host's path where it asks for the working folder");
        table.no(P, Feature.COLON_IN_PATH, "PRoot's own words separate paths by colons");
        table.no(F, Feature.COLON_IN_PATH, "lists of paths are separated by colons");
        table.no(S, Feature.COLON_IN_PATH, "Apptainer's own words separate paths by colons");
        table.no(P, Feature.READ_ONLY_VOLUME, "PRoot shows paths and guards none");
        table.no(F, Feature.READ_ONLY_VOLUME, "paths are rewritten, and none is guarded");
        for (List<ExecutionMode> modes : List.of(P, F, S)) {
            table.no(modes, Feature.MOUNT_FLAGS, "nothing is mounted with flags there; use R1");
        }
        table.no(P, Feature.MEMORY_FOLDER, "nothing is mounted; show a folder of /dev/shm with --volume");
        table.no(F, Feature.MEMORY_FOLDER, "nothing is mounted; show a folder of /dev/shm with --volume");
        table.no(S, Feature.MEMORY_FOLDER, "Apptainer has no such option for a tree; show a folder with --volume");
        table.no(List.of(ExecutionMode.F4), Feature.READ_ONLY_TREE, "programs are made ready in the tree; use F3");
        table.note(S, Feature.READ_ONLY_TREE, "places of volumes must be there");
        for (List<ExecutionMode> modes : List.of(P, F, R, S)) {
            table.no(modes, Feature.NOEXEC_PLACE, "the kernel starts no program from there; name another place");
        }
    }

    private static void users(Table<ExecutionMode> table) {
        table.no(F, Feature.OTHER_USER, "the program has the caller's own number");
        table.no(S, Feature.OTHER_USER, "Apptainer knows the caller and root only");
        table.note(F, Feature.ROOT, "the program has the caller's own number");
        table.note(P, Feature.ROOT_EMULATION, "chown and mknod are answered as done, setuid is not");
        table.no(F, Feature.ROOT_EMULATION, "calls go to the kernel, which refuses them; use R2 or P1");
        table.note(
                List.of(ExecutionMode.R1, ExecutionMode.S1),
                Feature.ROOT_EMULATION,
                "the kernel allows what needs no other user: chown to others fails without --subids; R2 answers all of it");
        table.note(List.of(ExecutionMode.R3), Feature.ROOT_EMULATION, "only mknod: R2 does more");
        for (List<ExecutionMode> modes : List.of(P, F, List.of(ExecutionMode.R3), S)) {
            table.no(modes, Feature.SUBORDINATE_IDS, "only berth's own namespaces have them; use R1 or R2");
        }
        table.note(
                F, Feature.ACCOUNT_FILES, "through the C library; who reads the files by other means sees the image's");
    }

    private static void images(Table<ExecutionMode> table) {
        table.no(F, Feature.STATIC_PROGRAM, "nothing can be loaded before a static program; use R1 or P1");
        table.no(F, Feature.MUSL_IMAGE, "the library that rewrites paths is for glibc; use R1 or P1");
        table.note(F, Feature.ABSOLUTE_LINKS, "rewritten to relative ones when the tree is made ready");
        for (List<ExecutionMode> modes : List.of(P, F, R, S)) {
            table.note(modes, Feature.SETUID_PROGRAM, "they run with the rights of their caller");
        }
        table.no(P, Feature.NEWER_KERNEL, "show a newer release with --kernel, at your own risk");
        for (List<ExecutionMode> modes : List.of(F, R, S)) {
            table.no(modes, Feature.NEWER_KERNEL, "its programs would refuse to start; P1 --kernel can deceive them");
        }
        table.note(P, Feature.OTHER_ARCHITECTURE, "needs qemu on the host");
        table.no(F, Feature.OTHER_ARCHITECTURE, "the library that rewrites paths is the host's; use P1 with qemu");
        table.note(
                List.of(ExecutionMode.R1, ExecutionMode.R2),
                Feature.OTHER_ARCHITECTURE,
                "needs qemu on the host, and Linux 6.7 to tell it of that in a namespace");
        table.no(
                List.of(ExecutionMode.R3),
                Feature.OTHER_ARCHITECTURE,
                "the PRoot inside would be emulated too; use R2 or P1");
        table.no(S, Feature.OTHER_ARCHITECTURE, "the kernel would have to know qemu; use P1");
    }

    private static void program(Table<ExecutionMode> table) {
        table.no(S, Feature.NO_SYSTEM_FOLDERS, "Apptainer always shows some");
        table.note(S, Feature.SHARED_NAMESPACE, "each rank has its own user namespace: shared memory goes by copies");
        for (List<ExecutionMode> modes : List.of(P, F, S)) {
            table.no(modes, Feature.UNSHARED, "no namespaces are made there; use R1");
        }
        table.no(NO_PTRACE, Feature.KERNEL, "only PRoot changes what uname(2) says");
        table.no(List.of(ExecutionMode.R3), Feature.KERNEL, "only the P modes hand it to PRoot");
        table.note(P, Feature.MOVED_PORT, "by a PRoot that can, as ours");
        table.note(P, Feature.FREE_PORTS, "by a PRoot that can, as ours");
        for (List<ExecutionMode> modes : List.of(F, R, S)) {
            table.no(modes, Feature.MOVED_PORT, HOSTS_NETWORK);
            table.note(modes, Feature.FREE_PORTS, "ports stay: the network is the host's");
        }
    }

    private static Map<Feature, Map<Maker, Capability>> makers() {
        Table<Maker> table = new Table<>();
        List<Maker> runtimes = List.of(Maker.CRUN, Maker.RUNC);
        table.no(List.of(Maker.RUNC), Feature.OWN_USER, "runc wants user 0 in a namespace; use --engine=own or crun");
        table.no(List.of(Maker.RUNC), Feature.OTHER_USER, "runc wants user 0 in a namespace; use --engine=own or crun");
        table.no(runtimes, Feature.NO_SYSTEM_FOLDERS, "the runtime starts programs through /proc; use --engine=own");
        table.no(runtimes, Feature.SUBORDINATE_IDS, "only berth's own namespaces have them; use --engine=own");
        table.no(runtimes, Feature.OTHER_ARCHITECTURE, "the runtime does not tell the kernel; use --engine=own");
        table.note(runtimes, Feature.JOB_CONTROL, "the runtime makes a session of its own");
        table.note(
                runtimes,
                Feature.SHARED_NAMESPACE,
                "each rank has its own user namespace: shared memory goes by copies");
        return table.rows;
    }

    /// Rows in the making; what is not said is as asked for.
    private static final class Table<K extends Enum<K>> {
        private final Map<Feature, Map<K, Capability>> rows = new EnumMap<>(Feature.class);

        void no(List<K> columns, Feature feature, String reason) {
            put(columns, feature, new Capability.Cannot(reason));
        }

        void note(List<K> columns, Feature feature, String note) {
            put(columns, feature, new Capability.CanBut(note));
        }

        private void put(List<K> columns, Feature feature, Capability cell) {
            Map<K, Capability> row = rows.computeIfAbsent(feature, _ -> new java.util.HashMap<>());
            columns.forEach(column -> row.put(column, cell));
        }
    }
}
