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
        try (ScriptFile file = ScriptFile.of(script.text())) {
            return script.scheduler().submit(file.path());
        }
    }

    /// @return the script's exit status
    public int runHere(String script, int ranks) {
        try (ScriptFile file = ScriptFile.of(script)) {
            return local.run(file.path(), ranks);
        }
    }

    /// The script for as long as someone reads it.
    private record ScriptFile(Path path) implements AutoCloseable {
        static ScriptFile of(String script) {
            try {
                Path path = Files.createTempFile("berth-job-", ".sh");
                Files.writeString(path, script);
                return new ScriptFile(path);
            } catch (IOException e) {
                throw FaultException.io("writing the job script", e);
            }
        }

        @Override
        public void close() {
            TreeRemoval.remove(path);
        }
    }
}
