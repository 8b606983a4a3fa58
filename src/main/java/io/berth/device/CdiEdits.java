package io.berth.device;

import io.berth.container.InsideTree;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Does what CDI specifications demand, with mounts and variables alone.
///
/// Libraries and programs that the image lacks go to folders of their own ([Placement]); what the hooks would do to the
/// tree is done by more mounts: nothing is run, and nothing is written.
///
/// Source: Container Device Interface 1.0.0; the hooks of NVIDIA's container toolkit 1.12 to 1.17.
final class CdiEdits {
    private static final Set<String> PROGRAM_FOLDERS =
            Set.of("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin");
    /// What they change is not there, or right anyway: the linker's cache is not used, /dev is the host's, and
    /// binds keep the host's modes.
    private static final Set<String> NEEDLESS =
            Set.of("create-soname-symlinks", "chmod", "disable-device-node-modification");

    private final InsideTree host;
    private final Placement placement;
    private final Finding finding;
    private final Set<String> libraryFolders = new LinkedHashSet<>();
    private final Map<String, Path> placed = new HashMap<>();
    private final List<CdiSpec.Hook> links = new ArrayList<>();

    CdiEdits(InsideTree host, Placement placement, Finding finding) {
        this.host = host;
        this.placement = placement;
        this.finding = finding;
    }

    /// The first file that the devices need and the host lacks: their specification is of another day.
    static Optional<String> stale(InsideTree host, List<CdiRegistry.Found> devices) {
        return devices.stream()
                .flatMap(found -> List.of(found.spec().edits(), found.device().edits()).stream())
                .flatMap(edits -> edits.binds().stream())
                .map(CdiSpec.Bind::host)
                .filter(path -> host.find(path).isEmpty())
                .findFirst();
    }

    /// Errors: HOST_UNFIT when the host lacks a file of theirs.
    void apply(List<CdiRegistry.Found> devices) {
        List<CdiSpec.Edits> all = new ArrayList<>();
        Set<Path> files = new HashSet<>();
        for (CdiRegistry.Found found : devices) {
            CdiSpec spec = found.spec();
            if (files.add(spec.file())) {
                finding.dependOn(spec.file());
                finding.say("CDI", spec.file() + ": " + spec.kind());
                all.add(spec.edits());
            }
            all.add(found.device().edits());
        }
        all.forEach(edits -> edits.hooks().forEach(this::hook));
        all.forEach(this::apply);
        links.forEach(this::link);
    }

    private void apply(CdiSpec.Edits edits) {
        edits.binds().forEach(this::bind);
        for (CdiSpec.Node node : edits.nodes()) {
            finding.show("device", file(node.host()), node.inside(), "CDI");
        }
        for (String entry : edits.variables()) {
            int equals = entry.indexOf('=');
            finding.set(entry.substring(0, equals), entry.substring(equals + 1), "CDI");
        }
        edits.unknown().forEach(name -> finding.say("left out", name + ": berth cannot do that"));
    }

    private void bind(CdiSpec.Bind bind) {
        Path source = file(bind.host());
        Path inside = Path.of(bind.inside());
        String folder = String.valueOf(inside.getParent());
        String name = String.valueOf(inside.getFileName());
        placed.put(bind.inside(), source);
        if (Files.isRegularFile(source) && (libraryFolders.contains(folder) || name.contains(".so"))) {
            library(source, name);
        } else if (Files.isRegularFile(source) && PROGRAM_FOLDERS.contains(folder)) {
            finding.program(source, name, "CDI");
        } else {
            fixed(source, bind.inside());
        }
    }

    /// By the name that programs ask for too, as the linker's cache would have it.
    private void library(Path source, String name) {
        Optional<SharedObject> shared = SharedObject.read(source);
        int bits = shared.map(SharedObject::bits).orElse(64);
        finding.library(source, bits, name, placement, "CDI");
        finding.dependOn(source);
        String asked = shared.map(SharedObject::name).orElse("");
        if (!asked.isEmpty() && !asked.contains("/")) {
            finding.library(source, bits, asked, placement, "CDI");
            placed.putIfAbsent(Path.of("/").resolve(name).resolveSibling(asked).toString(), source);
        }
    }

    private void fixed(Path source, String inside) {
        placement
                .at(inside)
                .ifPresentOrElse(
                        target -> finding.show("file", source, target, "CDI"),
                        () -> finding.say(
                                "left out",
                                inside + ": the image has no folder for it, and making one would lock another of its"
                                        + " folders"));
    }

    private void hook(CdiSpec.Hook hook) {
        List<String> words = hook.words();
        Optional<String> action = words.stream()
                .filter(word -> !word.startsWith("-") && !word.contains("/"))
                .filter(word -> !word.equals("hook") && !word.startsWith("nvidia-c"))
                .findFirst();
        switch (action.orElse("")) {
            case "update-ldcache" -> libraryFolders.addAll(values(words, "--folder"));
            case "create-symlinks" -> links.add(hook);
            default -> {
                if (action.filter(NEEDLESS::contains).isEmpty()) {
                    finding.warn("CDI hook " + hook.program()
                            + action.map(name -> " " + name).orElse("")
                            + " is not run: berth does what it can with mounts");
                }
            }
        }
    }

    /// `--link TARGET::PLACE`: the file that the link would lead to is shown at its place.
    private void link(CdiSpec.Hook hook) {
        for (String pair : values(hook.words(), "--link")) {
            int colons = pair.indexOf("::");
            boolean absolute = colons > 0 && pair.startsWith("/", colons + 2);
            if (!absolute || pair.startsWith("/dev/", colons + 2)) {
                continue; // /dev is the host's, with its links
            }
            Path place = Path.of(pair.substring(colons + 2)).normalize();
            Path leads = place.resolveSibling(pair.substring(0, colons)).normalize();
            Optional<Path> source = Optional.ofNullable(placed.get(leads.toString()))
                    .or(() -> Optional.ofNullable(placed.get("/" + leads.getFileName())));
            String name = String.valueOf(place.getFileName());
            if (source.isEmpty()) {
                finding.missing(leads + ": the CDI link " + place + " is to lead there");
            } else if (libraryFolders.contains(String.valueOf(place.getParent()))) {
                library(source.get(), name);
                placed.put(place.toString(), source.get());
            } else {
                fixed(source.get(), place.toString());
            }
        }
    }

    private static List<String> values(List<String> words, String option) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            if (words.get(i).equals(option) && i + 1 < words.size()) {
                values.add(words.get(i + 1));
            } else if (words.get(i).startsWith(option + "=")) {
                values.add(words.get(i).substring(option.length() + 1));
            }
        }
        return values;
    }

    private Path file(String path) {
        return host.find(path)
                .orElseThrow(() -> FaultException.of(
                        Fault.HOST_UNFIT,
                        "showing " + path + " for a CDI device: the host has no such file",
                        "the specification is of another day: have it written again"));
    }
}
