package io.berth.app;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.Descriptor;
import io.berth.image.ImageReference;
import io.berth.image.Platform;
import io.berth.image.ResolvedImage;
import io.berth.progress.Progress;
import io.berth.registry.RegistryClient;
import io.berth.store.Repository;
import io.berth.store.StoredImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/// Brings an image from its registry into the repository.
public final class PullImage {
    private static final int TRANSFERS_AT_ONCE = 4;

    private final RegistryClient registry;
    private final Repository repository;
    private final Progress progress;

    public PullImage(RegistryClient registry, Repository repository, Progress progress) {
        this.registry = registry;
        this.repository = repository;
        this.progress = progress;
    }

    public record Request(ImageReference reference, Platform platform) {}

    /// A pinned image that is here already needs no network.
    public StoredImage pull(Request request) {
        return pull(request, _ -> {});
    }

    /// @param largestLayer hears how many bytes that has as it is packed, before one is fetched; may refuse. All layers
    ///     together say little: later ones often repeat files to change their modes
    public StoredImage pull(Request request, LongConsumer largestLayer) {
        Optional<StoredImage> stored = request.reference().digest().isPresent() ? stored(request) : Optional.empty();
        if (stored.isPresent()) {
            largestLayer.accept(
                    largest(stored.get().layersOldestFirst().stream().map(StoredImage.Layer::descriptor)));
            repository.images().keepPinned(stored.get(), request.reference());
            return stored.get();
        }
        ResolvedImage offered = registry.resolve(request.reference(), request.platform());
        largestLayer.accept(largest(offered.manifest().layersOldestFirst().stream()));
        return fetch(offered);
    }

    private static long largest(Stream<Descriptor> blobs) {
        return blobs.mapToLong(Descriptor::sizeBytes).max().orElse(0);
    }

    private Optional<StoredImage> stored(Request request) {
        try {
            return repository.images().find(request.reference()).filter(this::isComplete);
        } catch (FaultException e) {
            if (e.fault() == Fault.CORRUPT) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private boolean isComplete(StoredImage image) {
        return image.layersOldestFirst().stream()
                .allMatch(layer -> repository.blobs().holds(layer.descriptor()));
    }

    private StoredImage fetch(ResolvedImage image) {
        List<Descriptor> missing = new ArrayList<>(image.manifest().layersOldestFirst());
        missing.add(image.manifest().config());
        missing.removeIf(repository.blobs()::holds);
        // the largest first: it decides when the pull ends
        missing.sort((a, b) -> Long.compare(b.sizeBytes(), a.sizeBytes()));
        if (!missing.isEmpty()) {
            progress.expect(missing.stream().mapToLong(Descriptor::sizeBytes).sum());
            fetchAll(image.reference(), missing);
        }
        return repository.images().tag(image);
    }

    private Path fetchOne(ImageReference reference, Descriptor blob, Semaphore turns) throws InterruptedException {
        turns.acquire();
        try {
            return keep(reference, blob);
        } catch (FaultException e) {
            if (e.fault() == Fault.INTERRUPTED || e.fault() == Fault.NO_SPACE || !registry.leaveMirrors(reference)) {
                throw e;
            }
            return keep(reference, blob);
        } finally {
            turns.release();
        }
    }

    private Path keep(ImageReference reference, Descriptor blob) {
        return repository.blobs().keep(blob, fromByte -> registry.open(reference, blob, fromByte), progress);
    }

    private void fetchAll(ImageReference reference, List<Descriptor> blobs) {
        Semaphore turns = new Semaphore(TRANSFERS_AT_ONCE, true);
        // virtual threads: an interruption ends even a read that waits for the network
        try (ExecutorService transfers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> pending = new ArrayList<>();
            for (Descriptor blob : blobs) {
                pending.add(transfers.submit(() -> fetchOne(reference, blob, turns)));
            }
            try {
                for (Future<?> transfer : pending) {
                    transfer.get();
                }
            } catch (ExecutionException e) {
                transfers.shutdownNow();
                throw e.getCause() instanceof FaultException fault ? fault : new IllegalStateException(e.getCause());
            } catch (InterruptedException e) {
                transfers.shutdownNow();
                Thread.currentThread().interrupt();
                throw FaultException.of(
                        Fault.INTERRUPTED,
                        "pulling " + reference + ": interrupted",
                        "pull again: it goes on where it stopped",
                        e);
            }
        }
    }
}
