package io.berth.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Each thing that can be set, by udocker's name where it has one.
///
/// Source: udocker 1.3, "Configuration".
public enum Key {
    VERBOSE_LEVEL(Kind.LEVEL, "3", "UDOCKER_LOGLEVEL"),
    /// Place of the keystore and of the user's own files.
    HOMEDIR(Kind.FOLDER, ""),
    TOPDIR(Kind.FOLDER, "", "UDOCKER_DIR"),
    BINDIR(Kind.FOLDER, "", "UDOCKER_BIN"),
    LIBDIR(Kind.FOLDER, "", "UDOCKER_LIB"),
    DOCDIR(Kind.FOLDER, "", "UDOCKER_DOC"),
    REPOSDIR(Kind.FOLDER, "", "UDOCKER_REPOS"),
    LAYERSDIR(Kind.FOLDER, "", "UDOCKER_LAYERS"),
    CONTAINERSDIR(Kind.FOLDER, "", "UDOCKER_CONTAINERS"),
    TARBALL_RELEASE(Kind.TEXT, "1.2.11"),
    TARBALL(Kind.TEXT, "", "UDOCKER_TARBALL"),
    INSTALLINFO(Kind.WORDS, ""),
    INSTALLRETRY(Kind.NUMBER, "3"),
    AUTOINSTALL(Kind.FLAG, "True"),
    CONFIG(Kind.TEXT, "udocker.conf"),
    KEYSTORE(Kind.TEXT, "keystore", "UDOCKER_KEYSTORE"),
    TMPDIR(Kind.FOLDER, "", "TMPDIR", "UDOCKER_TMP"),
    CMD(Kind.TEXT, "bash -i"),
    ROOT_PATH(Kind.TEXT, "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
    USER_PATH(Kind.TEXT, "/usr/local/bin:/usr/bin:/bin"),
    SYSDIRS_LIST(Kind.WORDS, "/dev /proc /sys /etc/resolv.conf /etc/host.conf /lib/modules"),
    DRI_LIST(Kind.WORDS, "/usr/lib64/dri /lib64/dri /usr/lib/dri /lib/dri"),
    MOUNTPOINT_PREFIXES(Kind.WORDS, "/etc"),
    OVERRIDE_DEFAULT_EXECUTION_MODE(Kind.TEXT, "", "UDOCKER_DEFAULT_EXECUTION_MODE"),
    DEFAULT_EXECUTION_MODES(Kind.TABLE, "x86_64=P1 x86=P1 arm64=P1 arm=P2 ppc64le=R1 DEFAULT=R1"),
    /// Of the modes that are considered when none is asked for or stored; also `P`, `F`, `R` for a family.
    MODE_ORDER(Kind.MODES, "", "BERTH_MODE_ORDER"),
    /// What makes R1's namespaces: own, crun or runc.
    ENGINE(Kind.ENGINE, "", "BERTH_ENGINE"),
    /// The site's own engines, by their plain names or with `-MACHINE` behind.
    ENGINES_DIR(Kind.ABSOLUTE, "", "BERTH_ENGINES_DIR"),
    /// Whether containers have subordinate ids where the host gives any and the mode can.
    SUBIDS(Kind.FLAG, "False", "BERTH_SUBIDS"),
    PROOT_NOSECCOMP(Kind.FLAG, ""),
    PROOT_KILLONEXIT(Kind.FLAG, "True"),
    PROOT_LINK2SYMLINK(Kind.FLAG, "False"),
    LD_SO_CACHE(Kind.TEXT, "/etc/ld.so.cache"),
    FAKECHROOT_SO(Kind.WORDS, "", "UDOCKER_FAKECHROOT_SO"),
    FAKECHROOT_LIBC(Kind.TEXT, "", "UDOCKER_FAKECHROOT_LIBC"),
    FAKECHROOT_EXPAND_SYMLINKS(Kind.TEXT, "", "UDOCKER_FAKECHROOT_EXPAND_SYMLINKS"),
    FAKECHROOT_CMD_SUBST(
            Kind.WORDS, "/sbin/ldconfig=/bin/true /usr/sbin/ldconfig=/bin/true", "UDOCKER_FAKECHROOT_CMD_SUBST"),
    LIBC_SEARCH(Kind.WORDS, ""),
    LIB_DIRS_LIST_NVIDIA(Kind.WORDS, "/usr/lib/x86_64-linux-gnu /usr/lib64"),
    LIB_DIRS_LIST_ESSENTIAL(Kind.WORDS, ""),
    LIB_DIRS_LIST_APPEND(Kind.WORDS, "."),
    ACCESS_FILES(Kind.WORDS, ""),
    USE_PROOT_EXECUTABLE(Kind.PROGRAM, "UDOCKER", "UDOCKER_USE_PROOT_EXECUTABLE", "BERTH_PROOT"),
    USE_PATCHELF_EXECUTABLE(Kind.PROGRAM, "UDOCKER", "UDOCKER_USE_PATCHELF_EXECUTABLE"),
    USE_RUNC_EXECUTABLE(Kind.PROGRAM, "", "UDOCKER_USE_RUNC_EXECUTABLE"),
    USE_SINGULARITY_EXECUTABLE(Kind.PROGRAM, "", "UDOCKER_USE_SINGULARITY_EXECUTABLE"),
    USE_CURL_EXECUTABLE(Kind.TEXT, "", "UDOCKER_USE_CURL_EXECUTABLE"),
    RUNC_NOMQUEUE(Kind.FLAG, ""),
    RUNC_CAPABILITIES(Kind.WORDS, ""),
    SINGULARITY_OPTIONS(Kind.WORDS, "-w"),
    VALID_HOST_ENV(Kind.WORDS, "TERM PATH PROOT_TMP_DIR"),
    INVALID_HOST_ENV(Kind.WORDS, "VTE_VERSION"),
    CPU_AFFINITY_EXEC_TOOLS(Kind.WORDS, "numactl,taskset"),
    LOCATION(Kind.TEXT, ""),
    HTTP_PROXY(Kind.TEXT, "", "UDOCKER_HTTPPROXY", "BERTH_HTTP_PROXY"),
    /// Seconds a connection may be silent; udocker limits the whole request.
    TIMEOUT(Kind.NUMBER, "60"),
    CTIMEOUT(Kind.NUMBER, "10"),
    DOWNLOAD_TIMEOUT(Kind.NUMBER, "1800"),
    HTTP_AGENT(Kind.TEXT, ""),
    HTTP_INSECURE(Kind.FLAG, "False"),
    DOCKERIO_INDEX_URL(Kind.TEXT, "https://hub.docker.com", "UDOCKER_INDEX"),
    DOCKERIO_REGISTRY_URL(Kind.TEXT, "https://registry-1.docker.io", "UDOCKER_REGISTRY"),
    DOCKER_REGISTRIES(Kind.TABLE, ""),
    NVI_ETC_LIST(Kind.WORDS, ""),
    NVI_BIN_LIST(Kind.WORDS, ""),
    NVI_LIB_LIST(Kind.WORDS, ""),
    NVI_DEV_LIST(Kind.WORDS, "/dev/nvidia*"),
    /// Under which the host's driver and devices are looked for.
    DRIVER_ROOT(Kind.ABSOLUTE, "/", "BERTH_DRIVER_ROOT"),
    /// In rising order of weight.
    CDI_SPEC_DIRS(Kind.WORDS, "/etc/cdi /var/run/cdi", "BERTH_CDI_SPEC_DIRS"),
    /// Shown to every container, where the node has such devices.
    DEVICE_CLASSES(Kind.WORDS, "", "BERTH_DEVICE_CLASSES"),
    REGISTRY_MIRRORS(Kind.WORDS, "", "BERTH_REGISTRY_MIRRORS"),
    /// Certificates in PEM form that are believed besides the machine's.
    CA_FILE(Kind.FOLDER, "", "BERTH_CA_FILE"),
    PLAIN_HTTP(Kind.WORDS, "", "BERTH_PLAIN_HTTP"),
    /// The batch system that `berth job` writes for.
    SCHEDULER(Kind.SCHEDULER, "slurm", "BERTH_SCHEDULER"),
    /// Whether a command line that is repeated starts without Java.
    PLAN_CACHE(Kind.FLAG, "True", "BERTH_PLAN_CACHE"),
    /// Whether a new container is on the disk before anybody sees it.
    FLUSH_CONTAINERS(Kind.FLAG, "True", "BERTH_FLUSH_CONTAINERS"),
    NODE_DIR(Kind.ABSOLUTE, "/tmp", "BERTH_NODE_DIR"),
    /// How long to wait for another process that works on the same thing.
    PATIENCE_SECONDS(Kind.NUMBER, "1800", "BERTH_PATIENCE_SECONDS"),
    /// Bounds against archives that mean harm, for all layers of an image together.
    UNPACK_MAX_ENTRIES(Kind.NUMBER, "20000000", "BERTH_UNPACK_MAX_ENTRIES"),
    UNPACK_MAX_MEGABYTES(Kind.NUMBER, "1048576", "BERTH_UNPACK_MAX_MEGABYTES"),
    /// Folders in one name.
    UNPACK_MAX_DEPTH(Kind.NUMBER, "256", "BERTH_UNPACK_MAX_DEPTH"),
    /// Unpacked bytes of a layer to its packed ones.
    UNPACK_MAX_RATIO(Kind.NUMBER, "2000", "BERTH_UNPACK_MAX_RATIO");

    private static final String UDOCKER = "UDOCKER_";

    private final Kind kind;
    private final String fallback;
    /// Separated by blanks.
    private final String variables;

    /// @param variables of the environment, in rising order of weight
    Key(Kind kind, String fallback, String... variables) {
        this.kind = kind;
        this.fallback = fallback;
        this.variables = String.join(" ", variables);
    }

    /// As configuration files spell it.
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    Kind kind() {
        return kind;
    }

    String fallback() {
        return fallback;
    }

    /// In rising order of weight. Each of udocker's has one of ours (`BERTH_` for `UDOCKER_`), which wins.
    List<String> variables() {
        List<String> all = new ArrayList<>();
        for (String variable : variables.isEmpty() ? new String[0] : variables.split(" ")) {
            all.add(variable);
            if (variable.startsWith(UDOCKER)) {
                all.add("BERTH_" + variable.substring(UDOCKER.length()));
            }
        }
        return all;
    }

    /// By its label, or by the shorter name that berth's own files use.
    static Optional<Key> find(String label) {
        return switch (label) {
            case "repository" -> Optional.of(TOPDIR);
            case "registry" -> Optional.of(DOCKERIO_REGISTRY_URL);
            case "insecure" -> Optional.of(HTTP_INSECURE);
            case "proot" -> Optional.of(USE_PROOT_EXECUTABLE);
            default ->
                Stream.of(values()).filter(key -> key.label().equals(label)).findFirst();
        };
    }
}
