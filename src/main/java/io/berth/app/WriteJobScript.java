package io.berth.app;

import io.berth.batch.JobRequest;
import io.berth.batch.JobScript;
import io.berth.batch.Resources;
import io.berth.batch.Scheduler;
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
    private final String usual;
    private final Path home;
    private final String version;

    /// @param usual the site's batch system
    /// @param home folder of the distribution
    public WriteJobScript(PinImage pin, CheckJob check, StageOptions stage, String usual, Path home, String version) {
        this.pin = pin;
        this.check = check;
        this.stage = stage;
        this.usual = usual;
        this.home = home;
        this.version = version;
    }

    /// @param scheduler its name; absent for the site's own
    /// @param shown what the job wants to see of the host
    /// @param prepare options for `node prepare`, these among them
    public record Request(
            Optional<String> scheduler,
            ImageReference image,
            Resources resources,
            Optional<String> mpi,
            List<Volume> shown,
            List<String> prepare,
            List<String> command) {
        public Request {
            shown = List.copyOf(shown);
            prepare = List.copyOf(prepare);
            command = List.copyOf(command);
        }

        /// The same job, to begin when another has ended well, and never otherwise.
        public Request after(String job) {
            Resources later = resources.with("--dependency=afterok:" + job).with("--kill-on-invalid-dep=yes");
            return new Request(scheduler, image, later, mpi, shown, prepare, command);
        }

        /// The same job, for another batch system.
        public Request on(String other) {
            return new Request(Optional.of(other), image, resources, mpi, shown, prepare, command);
        }
    }

    /// @param scheduler that takes it
    public record Written(Scheduler scheduler, String text) {}

    public Written write(Request request) {
        return script(request, pin.pin(request.image()));
    }

    /// The same, once the job has been found to have a chance.
    public Written writeChecked(Request request) {
        ImageReference pinned = pin.pin(request.image());
        check.check(pinned, request.shown());
        return script(request, pinned);
    }

    /// A job that only fetches the image.
    public Written prefetch(Request request) {
        JobRequest job = job(request, pin.pin(request.image()));
        return new Written(job.scheduler(), JobScript.prefetch(job, home, version));
    }

    private Written script(Request request, ImageReference pinned) {
        JobRequest job = job(request, pinned);
        return new Written(job.scheduler(), JobScript.of(job, home, stage.nodeDirectory(), version));
    }

    private JobRequest job(Request request, ImageReference pinned) {
        return new JobRequest(
                Scheduler.named(request.scheduler().orElse(usual)),
                pinned,
                request.image().toString(),
                request.resources(),
                request.mpi(),
                request.prepare(),
                request.command());
    }
}
