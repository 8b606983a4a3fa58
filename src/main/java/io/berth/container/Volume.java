package io.berth.container;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.process.Mount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// A part of the host that the user wants to see inside: `SOURCE[:TARGET[:ro|rw]]`.
///
/// Shape: both absolute; the target is not `/` and does not climb.
///
/// @param flags that a plan knows, in the order of FLAGS
public record Volume(Path source, String target, boolean readOnly, List<String> flags) {
    /// Of mount(8). `rslave`: what the host mounts later below the source is seen inside too.
    private static final List<String> FLAGS = List.of("nosuid", "nodev", "noexec", "slave", "unbindable");

    private static final String FORM = "the form is SOURCE[:TARGET[:ro|rw]], for example /data:/mnt:ro";
    private static final String MOUNT_FORM =
            "the form is type=bind,source=/data,target=/mnt[,readonly], without blanks";
    private static final String DEVICE_FORM = "the form is /dev/NAME[:INSIDE[:rwm]], for example /dev/fuse";

    /// What docker and its like put behind the last colon. Labels mean nothing here, and private is what all are.
    ///
    /// Source: docker run(1), podman-run(1), "--volume".
    private static final Set<String> WORDS = Set.of(
            "ro",
            "rw",
            "z",
            "Z",
            "shared",
            "rshared",
            "slave",
            "rslave",
            "private",
            "rprivate",
            "nocopy",
            "consistent",
            "cached",
            "delegated",
            "bind",
            "rbind",
            "nosuid",
            "nodev",
            "noexec",
            "unbindable");

    public Volume {
        flags = List.copyOf(flags);
    }

    public Volume(Path source, String target, boolean readOnly) {
        this(source, target, readOnly, List.of());
    }

    /// A path that itself ends in `:ro` is meant by `:ro:rw`: the last such suffix counts.
    public static Volume parse(String text) {
        int last = text.lastIndexOf(':');
        List<String> words =
                last < 0 ? List.of() : List.of(text.substring(last + 1).split(",", -1));
        boolean suffix = !words.isEmpty() && WORDS.containsAll(words);
        String rest = suffix ? text.substring(0, last) : text;
        int colon = rest.indexOf(':');
        String source = colon < 0 ? rest : rest.substring(0, colon);
        String target = colon < 0 || colon + 1 == rest.length() ? source : rest.substring(colon + 1);
        Volume volume = checked("volume", text, source, target, suffix && words.contains("ro"), FORM);
        return suffix ? volume.with(words) : volume;
    }

    private Volume with(List<String> words) {
        return new Volume(
                source,
                target,
                readOnly,
                FLAGS.stream()
                        .filter(flag -> words.contains(flag) || (flag.equals("slave") && words.contains("rslave")))
                        .toList());
    }

    /// docker's `type=bind,source=...,target=...`.
    ///
    /// Source: docker run(1), "--mount".
    public static Volume parseMount(String text) {
        String type = "volume";
        String source = "";
        String target = "";
        boolean readOnly = false;
        List<String> other = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            String value = equals < 0 ? "true" : part.substring(equals + 1);
            switch (equals < 0 ? part : part.substring(0, equals)) {
                case "type" -> type = value;
                case "source", "src" -> source = value;
                case "target", "dst", "destination" -> target = value;
                case "readonly", "ro" -> readOnly = value.equals("true") || value.equals("1");
                case "bind-propagation", "consistency", "bind-nonrecursive", "relabel" -> {}
                default -> other.add(part);
            }
        }
        if (!type.equals("bind") || !other.isEmpty()) {
            throw refused(
                    "mount",
                    text,
                    other.isEmpty() ? "only type=bind is known" : "'" + other.getFirst() + "' is not known",
                    MOUNT_FORM);
        }
        return checked("mount", text, source, target, readOnly, MOUNT_FORM);
    }

    /// A device of the host, `SOURCE[:TARGET[:rwm]]`.
    public static Volume parseDevice(String text) {
        String[] parts = text.split(":", -1);
        boolean usual = parts.length < 3 || (parts.length == 3 && parts[2].matches("[rwm]{1,3}"));
        if (!usual) {
            throw refused("device", text, "it has more than two paths and 'rwm'", DEVICE_FORM);
        }
        return checked("device", text, parts[0], parts.length > 1 ? parts[1] : parts[0], false, DEVICE_FORM);
    }

    /// Errors: NOT_FOUND when the host has no such path.
    public Mount mount() {
        if (!Files.exists(source)) {
            throw FaultException.of(
                    Fault.NOT_FOUND,
                    "mounting " + source + " at " + target + ": the host has no such file or folder",
                    "check the path; on a cluster it must exist on every node");
        }
        return new Mount.Bind(source, target, readOnly, false, flags);
    }

    private static Volume checked(
            String what, String text, String source, String target, boolean readOnly, String form) {
        if (!source.startsWith("/") || !target.startsWith("/")) {
            throw refused(what, text, "both paths must be absolute", form);
        }
        Path normal = Path.of(target).normalize();
        boolean climbs = Arrays.asList(target.split("/")).contains("..");
        if (normal.getNameCount() == 0 || climbs) {
            throw refused(what, text, "the path inside must be below '/' and must not climb", form);
        }
        return new Volume(Path.of(source), normal.toString(), readOnly);
    }

    private static FaultException refused(String what, String text, String why, String form) {
        return FaultException.badInput("reading " + what + " '" + text + "': " + why, form);
    }
}
