package io.berth.app;

import io.berth.batch.JobRequest;
import io.berth.batch.JobScript;
import io.berth.batch.Resources;
import io.berth.batch.Scheduler;
import io.berth.batch.Slurm;
import io.berth.container.Volume;
import io.berth.image.ImageReference;
import io.berth.stage.StageOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

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
        Request after(String job) {
            return new Request(scheduler, image, Slurm.after(resources, job), mpi, shown, prepare, command);
        }

        /// The same job, for another batch system.
        public Request on(String other) {
            return new Request(Optional.of(other), image, resources, mpi, shown, prepare, command);
        }
    }

    /// @param scheduler that takes it
    /// @param name of the job, where nobody gave it another
    public record Written(Scheduler scheduler, String name, String text) {}

    /// Two jobs of one image.
    ///
    /// @param first only fetches it
    /// @param waiting gives the other, when the first has an id
    public record Pair(Written first, Function<String, Written> waiting) {}

    public Written write(Request request) {
        return script(request, pin.pin(request.image()));
    }

    /// The same, once the job has been found to have a chance.
    public Written writeChecked(Request request) {
        return script(request, checked(request));
    }

    /// A job that only fetches the image.
    public Written prefetch(Request request) {
        return fetching(request, pin.pin(request.image()));
    }

    /// A job, and a small one that fetches its image first. What is wrong with either is told before one is handed
    /// over.
    ///
    /// @param checks whether to look for a chance of the job first
    public Pair writePair(Request request, boolean checks) {
        ImageReference pinned = checks ? checked(request) : pin.pin(request.image());
        script(request.after("0"), pinned);
        return new Pair(fetching(request, pinned), job -> script(request.after(job), pinned));
    }

    private ImageReference checked(Request request) {
        ImageReference pinned = pin.pin(request.image());
        check.check(pinned, request.shown());
        return pinned;
    }

    private Written fetching(Request request, ImageReference pinned) {
        JobRequest job = job(request, pinned);
        return new Written(
                job.scheduler(),
                name(pinned),
                JobScript.prefetch(job, home, version, job.scheduler().prefetchTime(job.resources())));
    }

    private Written script(Request request, ImageReference pinned) {
        JobRequest job = job(request, pinned);
        return new Written(job.scheduler(), name(pinned), JobScript.of(job, home, stage.nodeDirectory(), version));
    }

    /// Batch systems want a letter first.
    private static String name(ImageReference image) {
        String last = image.path().replaceFirst(".*/", "");
        return Character.isLetter(last.charAt(0)) ? last : "berth-" + last;
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
