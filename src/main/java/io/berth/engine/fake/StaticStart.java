package io.berth.engine.fake;

import io.berth.engine.Demands;
import io.berth.engine.Proot;
import io.berth.process.Mount;
import io.berth.process.PlanText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What starts static programs, in which no library can be loaded: PRoot, which shows the same files.
final class StaticStart {
    private StaticStart() {}

    /// The words as the companion reads them, those of a plan.
    static String words(Proot proot, Path scratch, Path tree, List<Mount> mounts) {
        List<String> words = new ArrayList<>();
        List<String> own = new ArrayList<>(List.of("PROOT_TMP_DIR", "PROOT_DONT_POLLUTE_ROOTFS"));
        words.add("PROOT_TMP_DIR=" + scratch);
        words.add("PROOT_DONT_POLLUTE_ROOTFS=1");
        proot.loader().ifPresent(loader -> {
            own.add("PROOT_LOADER");
            words.add("PROOT_LOADER=" + loader);
        });
        words.add(proot.program().toString());
        if (proot.loader().isPresent()) {
            words.add("--kill-on-exit");
        }
        for (String bind : binds(mounts)) {
            words.addAll(List.of("-b", bind));
        }
        // programs that were made ready name their loader by it
        words.addAll(List.of("-b", tree.toString()));
        words.addAll(List.of("-r", tree.toString(), "-w", "{cwd}"));
        if (proot.loader().isPresent()) {
            words.addAll(List.of(Proot.START, String.join(",", own)));
        }
        return PlanText.words(words);
    }

    /// Also at their own paths: behind a link the working directory is one of the host.
    private static Set<String> binds(List<Mount> mounts) {
        Set<String> binds = new LinkedHashSet<>();
        for (Mount mount : mounts) {
            if (mount instanceof Mount.Bind bind && !Demands.isSkipped(bind)) {
                binds.add(bind.source() + ":" + bind.source());
                binds.add(bind.source() + ":" + bind.target());
            }
        }
        return binds;
    }
}
