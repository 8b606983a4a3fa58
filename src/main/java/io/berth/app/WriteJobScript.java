package io.berth.app;

import io.berth.batch.JobRequest;
import io.berth.batch.JobScript;
import io.berth.image.ImageReference;
import io.berth.stage.StageOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Writes the script of a job, with the image pinned to what its tag means now.
public final class WriteJobScript {
    private final PinImage pin;
    private final StageOptions stage;
    private final Path home;
    private final String version;

    /// @param home folder of the distribution
    public WriteJobScript(PinImage pin, StageOptions stage, Path home, String version) {
        this.pin = pin;
        this.stage = stage;
        this.home = home;
        this.version = version;
    }

    public record Request(
            ImageReference image,
            List<String> directives,
            Optional<String> mpi,
            List<String> prepare,
            List<String> command) {
        public Request {
            directives = List.copyOf(directives);
            prepare = List.copyOf(prepare);
            command = List.copyOf(command);
        }
    }

    public String write(Request request) {
        ImageReference pinned = pin.pin(request.image());
        JobRequest job = new JobRequest(
                pinned,
                request.image().toString(),
                request.directives(),
                request.mpi(),
                request.prepare(),
                request.command());
        return JobScript.of(job, home, stage.nodeDirectory(), version);
    }
}
