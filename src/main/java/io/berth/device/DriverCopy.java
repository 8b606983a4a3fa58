package io.berth.device;

import io.berth.container.InsideTree;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// Copies the driver's files into a container's tree, where udocker puts them: for `setup --nvidia` alone.
///
/// Source: udocker 1.3, "setup --nvidia": the files of one folder of the tree for all libraries, `/usr/bin` and `/etc`.
public final class DriverCopy {
    private static final List<String> LIBRARY_FOLDERS =
            List.of("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64");
    private static final List<String> PROGRAM_FOLDERS = List.of("/usr/bin", "/bin");
    /// Those that are not of a capability, and yet copied by udocker.
    private static final List<String> MORE_PROGRAMS = List.of(
            "nvidia-bug-report.sh", "nvidia-installer", "nvidia-settings", "nvidia-uninstall", "nvidia-xconfig");
    private static final List<String> CONFIGURATIONS =
            List.of("/etc/vulkan/icd.d/nvidia_icd.json", "/etc/OpenCL/vendors/nvidia.icd");
    private static final String DRAFT = ".berth-copy-";

    private final InsideTree host;
    private final List<String> folders;

    /// @param folders of libraries that somebody named
    public DriverCopy(Path hostRoot, List<String> folders) {
        this.host = new InsideTree(hostRoot);
        this.folders = List.copyOf(folders);
    }

    /// A new file of the tree: a copy, or a link to one beside it.
    private record Entry(Path target, Optional<Path> source, String leads) {}

    /// All of it, or nothing.
    ///
    /// Errors: HOST_UNFIT when the host has no driver; NOT_FOUND when the tree has no folder for libraries;
    /// BUSY when a file is there already, unless forced.
    ///
    /// @return how many files and links were made, and of which release
    public String copy(Path root, boolean force) {
        NvidiaDriver driver = NvidiaDriver.find(host, folders);
        if (driver.library("libcuda", 64).isEmpty()) {
            throw FaultException.of(
                    Fault.HOST_UNFIT,
                    "copying the NVIDIA driver: libcuda.so is neither in the linker cache nor in the usual folders",
                    "do it on a node that has the driver; 'berth run --nvidia' needs no copy");
        }
        List<Entry> entries = entries(driver, new InsideTree(root));
        refuse(entries, force);
        write(entries);
        return entries.size() + " files of NVIDIA driver "
                + driver.version().map(DriverVersion::text).orElse("of unknown release");
    }

    private static void refuse(List<Entry> entries, boolean force) {
        for (Entry entry : entries) {
            boolean folder = Files.isDirectory(entry.target(), LinkOption.NOFOLLOW_LINKS);
            if (folder || (!force && Files.exists(entry.target(), LinkOption.NOFOLLOW_LINKS))) {
                throw FaultException.of(
                        Fault.BUSY,
                        "copying the NVIDIA driver: " + entry.target()
                                + (folder ? " is a folder" : " is there already"),
                        folder ? "remove it" : "--force replaces it");
            }
        }
    }

    private List<Entry> entries(NvidiaDriver driver, InsideTree tree) {
        Path libraries = LIBRARY_FOLDERS.stream()
                .flatMap(folder -> tree.find(folder).filter(Files::isDirectory).stream())
                .findFirst()
                .orElseThrow(() -> FaultException.of(
                        Fault.NOT_FOUND,
                        "copying the NVIDIA driver: the container has none of " + String.join(", ", LIBRARY_FOLDERS),
                        "it is no image for such programs; 'berth run --nvidia' needs no such folder"));
        SequencedMap<Path, Entry> entries = new LinkedHashMap<>();
        for (Capability capability : Capability.values()) {
            for (String stem : capability.libraries()) {
                driver.library(stem, 64).ifPresent(library -> library(entries, libraries, library));
            }
        }
        for (Capability capability : Capability.values()) {
            capability.programs().forEach(program -> program(entries, tree, program));
        }
        MORE_PROGRAMS.forEach(program -> program(entries, tree, program));
        for (String path : CONFIGURATIONS) {
            Optional<Path> source = host.find(path).filter(Files::isRegularFile);
            source.flatMap(_ -> placeFor(tree, path))
                    .ifPresent(target -> entries.put(target, new Entry(target, source, "")));
        }
        return List.copyOf(entries.values());
    }

    /// Absent when something is in the way: a link that leads nowhere inside may lead somewhere outside.
    private static Optional<Path> placeFor(InsideTree tree, String path) {
        String near = tree.nearestFolder(path);
        Path rest = Path.of(near).relativize(Path.of(path));
        return tree.find(near)
                .filter(folder -> rest.getNameCount() == 1
                        || !Files.exists(folder.resolve(rest.getName(0)), LinkOption.NOFOLLOW_LINKS))
                .map(folder -> folder.resolve(rest));
    }

    private static void library(Map<Path, Entry> entries, Path folder, DriverLibrary library) {
        String file = library.names().getFirst();
        for (String name : library.names()) {
            Path target = folder.resolve(name);
            boolean itself = name.equals(file);
            entries.put(
                    target,
                    new Entry(target, itself ? Optional.of(library.file()) : Optional.empty(), itself ? "" : file));
        }
    }

    private void program(Map<Path, Entry> entries, InsideTree tree, String name) {
        Optional<Path> source = PROGRAM_FOLDERS.stream()
                .flatMap(folder -> host.find(folder + "/" + name).filter(Files::isRegularFile).stream())
                .findFirst();
        if (source.isPresent()) {
            tree.find("/usr/bin").ifPresent(folder -> {
                Path target = folder.resolve(name);
                entries.put(target, new Entry(target, source, ""));
            });
        }
    }

    /// Beside their places first; only when all could be written are they moved there.
    private static void write(List<Entry> entries) {
        List<Path> drafts = new ArrayList<>();
        try {
            for (Entry entry : entries) {
                Folders.make(entry.target().resolveSibling(""));
                Path draft = draft(entry);
                Files.deleteIfExists(draft);
                drafts.add(draft);
                if (entry.source().isPresent()) {
                    Files.copy(entry.source().get(), draft);
                } else {
                    Files.createSymbolicLink(draft, Path.of(entry.leads()));
                }
            }
            for (Entry entry : entries) {
                Files.move(draft(entry), entry.target(), StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            throw FaultException.io("copying the NVIDIA driver into the container", e);
        } finally {
            drafts.forEach(DriverCopy::remove);
        }
    }

    private static Path draft(Entry entry) {
        return entry.target().resolveSibling(DRAFT + entry.target().getFileName());
    }

    private static void remove(Path draft) {
        try {
            Files.deleteIfExists(draft);
        } catch (IOException e) {
            throw FaultException.io("removing " + draft, e);
        }
    }
}
