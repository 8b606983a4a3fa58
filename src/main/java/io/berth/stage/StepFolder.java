package io.berth.stage;

import java.nio.file.Path;

/// What one step of a job has on a node: the whole interface between Java, C and shell.
public record StepFolder(Path folder) {
    /// What `berth-exec` reads.
    public Path plan() {
        return folder.resolve("plan");
    }

    /// The same with the decision and the facts, for people.
    public Path explanation() {
        return folder.resolve("plan.json");
    }

    /// What is to be saved when the step has ended, and as what: two lines; absent when nothing is.
    public Path saved() {
        return folder.resolve("save");
    }

    /// The step's tree and, behind it, `ro` or `rw`: two lines.
    public Path tree() {
        return folder.resolve("tree");
    }

    /// Of the image, JSON.
    public Path config() {
        return folder.resolve("config.json");
    }

    /// The value of `srun --mpi` for its ranks; empty when the site's own will do.
    public Path mpi() {
        return folder.resolve("mpi");
    }

    /// What this node brings to an agreement on one mode, a line; absent when there is nothing to agree on.
    public Path modes() {
        return folder.resolve("modes");
    }

    /// Why ranks would not find each other, a line; absent when nothing is against it.
    public Path misfit() {
        return folder.resolve("misfit");
    }

    /// What may happen with more ranks on a node than processors, a line; absent when nothing is against it.
    public Path crowd() {
        return folder.resolve("crowd");
    }

    /// Hexadecimal digest of the image that the step uses: keeps its tree from being swept.
    Path image() {
        return folder.resolve("image");
    }

    /// Written last.
    Path ready() {
        return folder.resolve("ready");
    }

    /// Where ranks that share a namespace meet.
    public Path meeting() {
        return folder.resolve("ranks");
    }

    /// Files made for this step, such as passwd.
    public Path scratch() {
        return folder.resolve("files");
    }
}
