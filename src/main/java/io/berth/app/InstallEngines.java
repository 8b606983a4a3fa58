package io.berth.app;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.Folders;
import io.berth.files.TreeRemoval;
import io.berth.store.Repository;
import io.berth.store.RepositoryLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.UUID;

/// Puts the programs that make containers into the repository, under udocker's names; nothing is downloaded.
public final class InstallEngines {
    private final Repository repository;
    private final SequencedMap<String, Optional<Path>> programs;
    private final List<Path> libraries;

    /// @param programs by name: where this machine has them
    /// @param libraries what F modes need; its names are kept, in a folder apart from udocker's
    public InstallEngines(Repository repository, SequencedMap<String, Optional<Path>> programs, List<Path> libraries) {
        this.repository = repository;
        this.programs = programs;
        this.libraries = List.copyOf(libraries);
    }

    /// Errors: HOST_UNFIT when this machine has no PRoot, which the P modes need.
    ///
    /// @param force replace those that are there
    /// @param purge first remove all that is in the folders of programs, libraries and documents
    /// @return the names of the files that were put there
    public List<String> install(boolean force, boolean purge) {
        RepositoryLayout layout = repository.layout();
        if (programs.getOrDefault("proot", Optional.empty()).isEmpty()) {
            throw FaultException.of(
                    Fault.HOST_UNFIT,
                    "installing engines: there is no proot, neither in the distribution nor in PATH",
                    "install the proot package first");
        }
        if (purge) {
            for (Path folder : List.of(layout.engines(), layout.libraries(), layout.documents())) {
                Folders.list(folder).forEach(TreeRemoval::remove);
            }
        }
        Folders.make(layout.engines());
        List<String> installed = new ArrayList<>();
        for (Map.Entry<String, Optional<Path>> program : programs.entrySet()) {
            Path target = layout.engines().resolve(program.getKey() + "-" + RepositoryLayout.architecture());
            program.getValue().ifPresent(file -> put(file, target, force, installed));
        }
        for (Path library : libraries) {
            Folders.make(layout.fakeEngines());
            put(library, layout.fakeEngines().resolve(library.getFileName()), force, installed);
        }
        return installed;
    }

    private static void put(Path file, Path target, boolean force, List<String> installed) {
        if (force || !Files.exists(target)) {
            copy(file, target);
            installed.add(String.valueOf(target.getFileName()));
        }
    }

    /// With one rename, so that nobody starts half a program.
    private static void copy(Path program, Path target) {
        Path draft = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID());
        try {
            try {
                Files.copy(program, draft);
                Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rwxr-xr-x"));
                Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(draft);
            }
        } catch (IOException e) {
            throw FaultException.io("installing " + program + " as " + target, e);
        }
    }
}
