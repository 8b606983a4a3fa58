package io.berth.app;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.files.UnixStat;
import io.berth.image.Digest;
import io.berth.image.json.ManifestWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/// An image that is a path of the node: an unpacked tree, or a squashfs file of one.
public record PathImage(Path path, boolean isTree) {
    /// In a tree: its image's configuration, where [Squashfs#pack] leaves it.
    static final Path OWN_CONFIG = Path.of(".berth-image.json");

    /// In a tree: where enroot leaves the image's variables.
    private static final Path ENROOT_VARIABLES = Path.of("etc", "environment");

    private static final long LONGEST = 1 << 20;

    /// Errors: NOT_FOUND; BAD_INPUT for what is neither.
    public static PathImage of(Path path) {
        if (!Files.exists(path)) {
            throw FaultException.of(
                    Fault.NOT_FOUND,
                    "using the image " + path + ": there is no such file or folder on this node",
                    "a name of a registry's image begins with neither '/' nor '.'");
        }
        boolean tree = Files.isDirectory(path);
        if (!tree && !(Files.isRegularFile(path) && Squashfs.isOne(path))) {
            throw FaultException.badInput(
                    "using the image " + path + ": it is neither a folder nor a squashfs file",
                    "'berth load' takes the archives of docker and others");
        }
        return new PathImage(path, tree);
    }

    /// Another one when the file is replaced or written.
    public Digest identity() {
        try {
            Path real = path.toRealPath();
            UnixStat stat = UnixStat.of(real);
            String said = "path " + real + " " + stat.inode() + " " + stat.sizeBytes() + " " + stat.modified();
            return Digest.sha256Of(said.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw FaultException.io("examining " + path, e);
        }
    }

    /// What a tree says of its image: nothing, unless berth or enroot left it there.
    public static String configIn(Path root) {
        Path own = root.resolve(OWN_CONFIG);
        if (isUsable(own)) {
            return AtomicFile.read(own);
        }
        Path variables = root.resolve(ENROOT_VARIABLES);
        boolean inside = isUsable(variables) && Files.isDirectory(root.resolve("etc"), LinkOption.NOFOLLOW_LINKS);
        return ManifestWriter.variables(inside ? variables(variables) : List.of());
    }

    /// A link could lead out of the tree.
    private static boolean isUsable(Path file) {
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                && Files.isReadable(file)
                && file.toFile().length() <= LONGEST;
    }

    private static List<String> variables(Path file) {
        return AtomicFile.read(file)
                .lines()
                .filter(line -> line.matches("[A-Za-z_][A-Za-z0-9_]*=.*"))
                .toList();
    }
}
