package io.berth.app;

import io.berth.container.Volume;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.image.Descriptor;
import io.berth.image.ImageReference;
import io.berth.image.Platform;
import io.berth.image.ResolvedImage;
import io.berth.image.json.ManifestJson;
import io.berth.progress.Progress;
import io.berth.registry.RegistryClient;
import io.berth.store.Repository;
import io.berth.store.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Finds, before a job waits in a queue, what would end it on its first node.
///
/// Looks from where the job is submitted, so it takes the nodes to be like this machine.
public final class CheckJob {
    private static final String ANYWAY = "--no-check submits all the same";

    private final RegistryClient registry;
    private final Repository repository;

    public CheckJob(RegistryClient registry, Repository repository) {
        this.registry = registry;
        this.repository = repository;
    }

    /// Errors: NOT_FOUND for an image or a path that is not there, BAD_INPUT for another architecture, NO_SPACE when
    /// what is to be fetched does not fit; UNREACHABLE when the registry of an image that is not here is silent.
    ///
    /// @param image pinned by digest
    /// @param shown what the job wants to see of the host
    public void check(ImageReference image, List<Volume> shown) {
        shown.forEach(CheckJob::checkSource);
        Optional<StoredImage> stored = stored(image);
        if (stored.isPresent()) {
            checkPlatform(image, stored.get().configJson());
        } else {
            ResolvedImage offered = registry.resolve(image, Platform.host());
            checkPlatform(image, config(image, offered.manifest().config()));
            checkRoom(offered);
        }
    }

    private static void checkSource(Volume volume) {
        if (!Files.exists(volume.source())) {
            throw FaultException.of(
                    Fault.NOT_FOUND,
                    "checking the job: " + volume.source() + ", to be seen at " + volume.target() + ", is not here",
                    "check the path; if only the nodes have it, " + ANYWAY);
        }
    }

    private Optional<StoredImage> stored(ImageReference image) {
        try {
            return repository.images().find(image);
        } catch (FaultException e) {
            if (e.fault() == Fault.CORRUPT) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static void checkPlatform(ImageReference image, String configJson) {
        Platform offered = ManifestJson.config(configJson).platform();
        Platform here = Platform.host();
        if (!offered.architecture().equals("unknown") && !here.accepts(offered)) {
            throw FaultException.badInput(
                    "checking the job: " + image + " is for " + offered + ", and this machine is " + here,
                    "take the image for " + here + "; if the nodes are of the other kind, " + ANYWAY);
        }
    }

    /// Kept, since the job's pull wants it too.
    private String config(ImageReference image, Descriptor config) {
        return AtomicFile.read(
                repository.blobs().keep(config, fromByte -> registry.open(image, config, fromByte), Progress.none()));
    }

    private void checkRoom(ResolvedImage image) {
        long missing = image.manifest().layersOldestFirst().stream()
                .filter(layer -> !repository.blobs().holds(layer))
                .mapToLong(Descriptor::sizeBytes)
                .sum();
        Path place = repository.layout().root();
        try {
            long free = Files.getFileStore(place).getUsableSpace();
            if (missing > free) {
                throw FaultException.of(
                        Fault.NO_SPACE,
                        "checking the job: " + image.reference() + " brings " + (missing >> 20) + " MiB" + ", and "
                                + place + " has " + (free >> 20) + " MiB" + " left",
                        "berth prune makes room, or name another repository with --repo");
            }
        } catch (IOException e) {
            throw FaultException.io("asking how much room " + place + " has", e);
        }
    }
}
