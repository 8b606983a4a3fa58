package io.berth.elf;

import io.berth.container.InsideView;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.stream.Collectors;

/// An MPI library of a tree, and how its ranks find each other.
///
/// @param version `4.1.4`, or as much as is known; empty when it does not say
/// @param clients built into it; empty when it has none, and for Intel MPI, which is told at run time
/// @param path inside
public record MpiLibrary(Kind kind, String version, List<Client> clients, String path) {
    /// Whose it is.
    public enum Kind {
        OPEN_MPI("Open MPI"),
        MPICH("MPICH"),
        INTEL_MPI("Intel MPI");

        private final String shown;

        Kind(String shown) {
            this.shown = shown;
        }
    }

    /// What it asks its launcher by.
    public enum Client {
        PMIX("PMIx", "pmix"),
        PMI_2("PMI-2", "pmi2"),
        /// Over the descriptor in PMI_FD, which launchers for PMI-2 serve too.
        PMI_1("PMI-1", "pmi2");

        private final String shown;
        private final String launcher;

        Client(String shown, String launcher) {
            this.shown = shown;
            this.launcher = launcher;
        }
    }

    public MpiLibrary {
        clients = List.copyOf(clients);
    }

    /// All that the loader of the tree or the image's own variables lead to.
    ///
    /// @param machine as `uname -m` says it
    /// @param variables of the image, `NAME=VALUE`
    public static List<MpiLibrary> of(InsideView view, String machine, List<String> variables) {
        SequencedSet<String> folders = new LinkedHashSet<>(LibraryFolders.of(view, machine));
        for (String variable : variables) {
            String value = variable.substring(variable.indexOf('=') + 1);
            for (String folder : value.split(":", 200)) {
                if (folder.startsWith("/") && variable.startsWith("LD_LIBRARY_PATH=")) {
                    folders.add(folder);
                } else if (folder.endsWith("/bin") && folder.startsWith("/") && variable.startsWith("PATH=")) {
                    String prefix = folder.substring(0, folder.length() - "/bin".length());
                    folders.add(prefix + "/lib");
                    folders.add(prefix + "/lib64");
                }
            }
        }
        // where distributions put an MPI that has to be chosen by a module
        List.of("/usr/lib64/openmpi/lib", "/usr/lib64/mpich/lib").forEach(folders::add);
        return new ArrayList<>(new MpiSearch(view).in(folders));
    }

    /// Whether it asks by PMIx.
    public boolean speaksPmix() {
        return clients.contains(Client.PMIX);
    }

    /// The values of `srun --mpi` that its ranks understand, the best first.
    public List<String> launchers() {
        return clients.stream().map(client -> client.launcher).distinct().toList();
    }

    /// As a sentence has it, `Open MPI 4.1.4 with PMIx`.
    public String shown() {
        String name = version.isEmpty() ? kind.shown : kind.shown + " " + version;
        if (clients.isEmpty()) {
            return kind == Kind.INTEL_MPI ? name : name + " without a PMI client";
        }
        return name + " with " + clients.stream().map(client -> client.shown).collect(Collectors.joining(" and "));
    }
}
