package io.berth.app;

import io.berth.batch.LocalJob;
import io.berth.fault.FaultException;
import io.berth.files.TreeRemoval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Gives a job script to whoever distributes: a batch system, or the local launcher where there is none.
public final class RunJob {
    private final LocalJob local;

    public RunJob(LocalJob local) {
        this.local = local;
    }

    /// @return the job's id
    public String submit(WriteJobScript.Written script) {
        try (ScriptFile file = ScriptFile.of(script.name(), script.text())) {
            return script.scheduler().submit(file.path());
        }
    }

    /// @param first id of the job that fetches the image
    /// @param job id of the one that waits for it
    public record Submitted(String first, String job) {}

    /// Both jobs, or none.
    public Submitted submit(WriteJobScript.Pair pair) {
        String first = submit(pair.first());
        try {
            return new Submitted(first, submit(pair.waiting().apply(first)));
        } catch (FaultException e) {
            if (pair.first().scheduler().cancel(first)) {
                throw e;
            }
            throw FaultException.of(
                    e.fault(),
                    e.getMessage() + "; job " + first
                            + ", which fetches its image, is there and could not be cancelled",
                    e.hint().orElse("cancel it"),
                    e);
        }
    }

    /// @return the script's exit status
    public int runHere(String script, int ranks) {
        try (ScriptFile file = ScriptFile.of("job", script)) {
            return local.run(file.path(), ranks);
        }
    }

    /// The script for as long as someone reads it.
    ///
    /// @param path its last name is the job's
    private record ScriptFile(Path path) implements AutoCloseable {
        static ScriptFile of(String name, String script) {
            try {
                Path folder = Files.createTempDirectory("berth-job-");
                return new ScriptFile(Files.writeString(folder.resolve(name), script));
            } catch (IOException e) {
                throw FaultException.io("writing the job script", e);
            }
        }

        @Override
        public void close() {
            TreeRemoval.remove(path.resolveSibling(""));
        }
    }
}
