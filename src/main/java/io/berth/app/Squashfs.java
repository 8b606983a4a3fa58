package io.berth.app;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.TreePermissions;
import io.berth.files.TreeRemoval;
import io.berth.files.UnixStat;
import io.berth.process.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Trees in squashfs files, by the programs of squashfs-tools: no kernel mounts such a file for ordinary users.
///
/// Not kept: owners, extended attributes, device nodes.
/// Source: squashfs-tools 4.5, whose programs say nothing when all is well with these options.
public final class Squashfs {
    private static final Duration LIMIT = Duration.ofHours(2);
    private static final byte[] MAGIC = {'h', 's', 'q', 's'};
    /// Nobody but root makes these; a container shows the node's own.
    private static final String DEVICE = ".*could not create (character|block) device.*";

    private final @Nullable String searchPath;

    /// @param searchPath where the programs are looked up
    public Squashfs(@Nullable String searchPath) {
        this.searchPath = searchPath;
    }

    /// Whether a file begins as one.
    public static boolean isOne(Path file) {
        try (var stream = Files.newInputStream(file)) {
            return Arrays.equals(stream.readNBytes(MAGIC.length), MAGIC);
        } catch (IOException e) {
            throw FaultException.io("reading " + file, e);
        }
    }

    /// Errors: HOST_UNFIT without unsquashfs; CORRUPT.
    ///
    /// @param root an empty folder
    /// @param readOnly no write permission is left in the tree
    public void unpack(Path file, Path root, boolean readOnly) {
        List<String> words =
                List.of(program("unsquashfs"), "-q", "-n", "-no-xattrs", "-f", "-d", root.toString(), file.toString());
        Command.Result result = Command.run(words, LIMIT);
        if (result.status() > 128) {
            throw FaultException.of(
                    Fault.INTERRUPTED,
                    "unpacking " + file + ": unsquashfs was ended by signal " + (result.status() - 128),
                    "the job was cancelled or preempted, or memory ran out; run it again");
        }
        List<String> complaints = result.output()
                .lines()
                .filter(line -> !line.isBlank() && !line.matches(DEVICE))
                .toList();
        if (!complaints.isEmpty() || (result.status() != 0 && result.output().isBlank())) {
            throw FaultException.of(
                    full(result.output()) ? Fault.NO_SPACE : Fault.CORRUPT,
                    "unpacking " + file + ": unsquashfs answered " + result.status() + ": " + last(complaints),
                    full(result.output())
                            ? "make room on the node, or choose another --node-dir (BERTH_NODE_DIR)"
                            : "make the file anew");
        }
        long uid = UnixStat.of(root).uid();
        if (readOnly) {
            TreePermissions.close(root);
        } else {
            TreePermissions.open(root, uid);
        }
    }

    /// Shown at its place when it is whole, not before.
    ///
    /// @param configJson of the image, kept in the file
    public void pack(Path root, String configJson, Path target) {
        String unique = UUID.randomUUID().toString();
        Path draft = target.resolveSibling("." + target.getFileName() + ".draft-" + unique);
        Path config = target.resolveSibling("." + target.getFileName() + ".config-" + unique);
        try {
            Files.writeString(config, configJson);
            Path definition = PathImage.OWN_CONFIG.getFileName();
            List<String> words = new ArrayList<>(List.of(
                    program("mksquashfs"), root.toString(), draft.toString(), "-noappend", "-no-progress", "-quiet"));
            // the one that came with the tree would be there twice
            words.addAll(List.of("-no-xattrs", "-all-root", "-p", definition + " f 644 0 0 cat " + quoted(config)));
            words.addAll(List.of("-e", PathImage.OWN_CONFIG.toString()));
            Command.Result result = Command.run(words, LIMIT);
            if (result.status() != 0 || !result.output().isBlank()) {
                throw FaultException.of(
                        full(result.output()) ? Fault.NO_SPACE : Fault.NOT_ALLOWED,
                        "saving " + target + ": mksquashfs answered " + result.status() + ": "
                                + last(result.output().lines().toList()),
                        "nothing is saved; what was at " + target + " before is as it was");
            }
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw FaultException.io("saving " + target, e);
        } finally {
            TreeRemoval.remove(draft);
            TreeRemoval.remove(config);
        }
    }

    /// Errors: HOST_UNFIT when the node cannot save.
    public void requirePacker() {
        program("mksquashfs");
    }

    private String program(String name) {
        return Command.find(name, searchPath)
                .orElseThrow(() -> FaultException.of(
                        Fault.HOST_UNFIT,
                        "looking for " + name + ": it is not in PATH here",
                        "install squashfs-tools on the node, or use an unpacked tree or a registry's image"))
                .toString();
    }

    private static String quoted(Path path) {
        return "'" + path.toString().replace("'", "'\\''") + "'";
    }

    private static boolean full(String output) {
        return output.contains("No space left on device");
    }

    private static String last(List<String> lines) {
        return lines.isEmpty() ? "no word" : lines.getLast().strip();
    }
}
