package io.berth.app;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.process.LaunchPlan;
import io.berth.store.ContainerFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/// Says whose the files of a container may be besides its owner's: it was started with subordinate ids.
///
/// Shape: the file `subids` in the container's folder, with the words of the plan's `subids`. Only where they are the
/// caller's can the files be read, copied and removed for sure.
public final class IdMark {
    private static final int WORDS = 6;
    private static final int OPEN_TO_ALL = 01777;

    private IdMark() {}

    /// Of a container's folder.
    public static Optional<LaunchPlan.SubIds> of(Path folder) {
        Path file = ContainerFiles.subIds(folder);
        return Files.isRegularFile(file) ? Optional.of(read(file)) : Optional.empty();
    }

    private static LaunchPlan.SubIds read(Path file) {
        List<String> words = AtomicFile.read(file).lines().toList();
        try {
            if (words.size() == WORDS) {
                return new LaunchPlan.SubIds(
                        Long.parseLong(words.get(0)),
                        Long.parseLong(words.get(1)),
                        Long.parseLong(words.get(2)),
                        Long.parseLong(words.get(3)),
                        Path.of(words.get(4)),
                        Path.of(words.get(5)));
            }
        } catch (NumberFormatException e) {
            throw damaged(file);
        }
        throw damaged(file);
    }

    private static FaultException damaged(Path file) {
        return FaultException.of(
                Fault.CORRUPT,
                "reading " + file + ": it does not say which ids the container's files have",
                "remove it when all files of the container are yours");
    }

    /// Before a start with such ids.
    ///
    /// Errors: HOST_UNFIT when the files have others.
    static void set(Path folder, LaunchPlan.SubIds ids) {
        Optional<LaunchPlan.SubIds> before = of(folder);
        if (before.filter(ids::isLike).isPresent()) {
            return;
        }
        if (before.isPresent()) {
            throw FaultException.of(
                    Fault.HOST_UNFIT,
                    "starting the container in " + folder + ": its files have ids from "
                            + before.get().uid() + ", and yours are from " + ids.uid() + " here",
                    "run it where it was made, or clone it there first");
        }
        open(folder);
        write(folder, ids);
    }

    /// Folders that all users of the image write to were made the owner's alone when it was unpacked. That they are
    /// open again must not mean that anybody on the host can write to them.
    private static void open(Path folder) {
        try {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
            for (String shared : List.of("ROOT/tmp", "ROOT/var/tmp")) {
                Path place = folder.resolve(shared);
                if (Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
                    Files.setAttribute(place, "unix:mode", OPEN_TO_ALL, LinkOption.NOFOLLOW_LINKS);
                }
            }
        } catch (IOException e) {
            throw FaultException.io("opening the container in " + folder + " to more users", e);
        }
    }

    static void write(Path folder, LaunchPlan.SubIds ids) {
        AtomicFile.write(ContainerFiles.subIds(folder), String.join("\n", ids.words()) + "\n", "rw-r--r--");
    }
}
