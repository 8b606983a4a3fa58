package io.berth.app;

import io.berth.batch.JobRequest;
import io.berth.batch.JobScript;
import io.berth.container.Volume;
import io.berth.image.ImageReference;
import io.berth.stage.StageOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Writes the script of a job, with the image pinned to what its tag means now.
public final class WriteJobScript {
    private final PinImage pin;
    private final CheckJob check;
    private final StageOptions stage;
    private final Path home;
    private final String version;

    /// @param home folder of the distribution
    public WriteJobScript(PinImage pin, CheckJob check, StageOptions stage, Path home, String version) {
        this.pin = pin;
        this.check = check;
        this.stage = stage;
        this.home = home;
        this.version = version;
    }

    /// @param shown what the job wants to see of the host
    /// @param prepare options for `node prepare`, these among them
    public record Request(
            ImageReference image,
            List<String> directives,
            Optional<String> mpi,
            List<Volume> shown,
            List<String> prepare,
            List<String> command) {
        public Request {
            directives = List.copyOf(directives);
            shown = List.copyOf(shown);
            prepare = List.copyOf(prepare);
            command = List.copyOf(command);
        }
    }

    public String write(Request request) {
        return script(request, pin.pin(request.image()));
    }

    /// The same, once the job has been found to have a chance.
    public String writeChecked(Request request) {
        ImageReference pinned = pin.pin(request.image());
        check.check(pinned, request.shown());
        return script(request, pinned);
    }

    private String script(Request request, ImageReference pinned) {
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
