package io.berth.app;

import io.berth.batch.JobRequest;
import io.berth.batch.JobScript;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.ImageReference;
import io.berth.image.Platform;
import io.berth.image.ResolvedImage;
import io.berth.image.json.ManifestJson;
import io.berth.registry.RegistryClient;
import io.berth.stage.StageOptions;
import io.berth.store.Repository;
import io.berth.store.StoredImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Writes the script of a job, with the image pinned to what its tag means now.
public final class WriteJobScript {
    private final RegistryClient registry;
    private final Repository repository;
    private final StageOptions stage;
    private final Path home;
    private final String version;

    /// @param home folder of the distribution
    public WriteJobScript(
            RegistryClient registry, Repository repository, StageOptions stage, Path home, String version) {
        this.registry = registry;
        this.repository = repository;
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
        ImageReference pinned = pin(request.image());
        JobRequest job = new JobRequest(
                pinned,
                request.image().toString(),
                request.directives(),
                request.mpi(),
                request.prepare(),
                request.command());
        return JobScript.of(job, home, stage.nodeDirectory(), version);
    }

    private ImageReference pin(ImageReference reference) {
        if (reference.digest().isPresent()) {
            return reference;
        }
        try {
            return reference.withDigest(
                    registry.resolve(reference, Platform.host()).digest());
        } catch (FaultException e) {
            if (e.fault() != Fault.UNREACHABLE) {
                throw e;
            }
            StoredImage stored = repository.images().find(reference).orElseThrow(() -> e);
            return pinStored(reference, stored);
        }
    }

    /// Without the registry, what is in the repository serves; its entry by digest lets the job find it there.
    private ImageReference pinStored(ImageReference reference, StoredImage stored) {
        ImageReference pinned = reference.withDigest(stored.digest());
        repository
                .images()
                .tag(new ResolvedImage(
                        pinned, stored.digest(), stored.manifestJson(), ManifestJson.manifest(stored.manifestJson())));
        return pinned;
    }
}
