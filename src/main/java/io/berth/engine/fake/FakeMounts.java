package io.berth.engine.fake;

import io.berth.container.InsideView;
import io.berth.engine.Demands;
import io.berth.files.Folders;
import io.berth.process.Mount;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/// Parts of the host in a tree that nothing is mounted on: their paths are left as they are, and where they have
/// another path inside, the tree has a link there.
final class FakeMounts {
    /// What libfakechroot has room for.
    private static final int MOST_EXCLUDED = 100;

    private final List<Mount> mounts;

    FakeMounts(List<Mount> mounts) {
        this.mounts = mounts;
    }

    Optional<String> objection() {
        List<Mount.Bind> before = new ArrayList<>();
        for (Mount mount : mounts) {
            if (!(mount instanceof Mount.Bind bind) || Demands.isSkipped(bind)) {
                continue;
            }
            Optional<String> objection = objection(bind, before);
            if (objection.isPresent()) {
                return objection;
            }
            before.add(bind);
        }
        return excluded().size() > MOST_EXCLUDED
                ? Optional.of("show more than " + MOST_EXCLUDED + " paths of the host")
                : Optional.empty();
    }

    private static Optional<String> objection(Mount.Bind bind, List<Mount.Bind> before) {
        return before.stream()
                .filter(other -> Path.of(bind.target()).startsWith(other.target()))
                .filter(other -> !isInPlace(bind) || !isInPlace(other))
                .findFirst()
                .map(other -> "mount " + bind.target() + " inside of " + other.target() + ", which is the host's");
    }

    /// Host paths that the program may use as they are.
    SequencedSet<String> excluded() {
        SequencedSet<String> paths = new LinkedHashSet<>();
        for (Mount mount : mounts) {
            if (mount instanceof Mount.Bind bind && !Demands.isSkipped(bind)) {
                if (isInPlace(bind)) {
                    paths.add(bind.target());
                }
                // what getcwd(2) says there
                paths.add(Folders.real(bind.source()).toString());
            }
        }
        return paths;
    }

    /// Which links lead to what is shown.
    void note(InsideView host) {
        for (Mount mount : mounts) {
            if (mount instanceof Mount.Bind bind) {
                host.find(bind.source().toAbsolutePath().toString());
            }
        }
    }

    static boolean isInPlace(Mount.Bind bind) {
        return bind.source().toString().equals(bind.target());
    }
}
