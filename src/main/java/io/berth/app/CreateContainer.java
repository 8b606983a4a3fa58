package io.berth.app;

import io.berth.layer.LayerFile;
import io.berth.layer.LayerUnpacker;
import io.berth.layer.UnpackOptions;
import io.berth.layer.UnpackReport;
import io.berth.progress.Progress;
import io.berth.store.Container;
import io.berth.store.ContainerDraft;
import io.berth.store.Repository;
import io.berth.store.StoredImage;
import java.util.List;
import java.util.Optional;

/// Makes a container of a stored image: unpacked in a draft, published with one rename.
public final class CreateContainer {
    private final Repository repository;
    private final LayerUnpacker unpacker;
    private final UnpackOptions options;
    private final Progress progress;

    public CreateContainer(Repository repository, LayerUnpacker unpacker, UnpackOptions options, Progress progress) {
        this.repository = repository;
        this.unpacker = unpacker;
        this.options = options;
        this.progress = progress;
    }

    public record Request(StoredImage image, Optional<String> name) {}

    /// @param notices what could not be unpacked and why, a line each
    public record Report(Container container, List<String> notices) {}

    public Report create(Request request) {
        request.name().ifPresent(repository.containers()::checkName);
        ContainerDraft draft = repository.containers().draft();
        boolean published = false;
        try {
            UnpackReport report = unpacker.unpack(layersOf(request.image()), draft.root(), options, progress);
            Container container = repository.containers().publish(draft, request.image(), request.name());
            published = true;
            return new Report(container, report.skipped());
        } finally {
            if (!published) {
                repository.containers().discard(draft);
            }
        }
    }

    static List<LayerFile> layersOf(StoredImage image) {
        return image.layersOldestFirst().stream()
                .map(layer -> new LayerFile(layer.file(), layer.descriptor(), layer.diffId()))
                .toList();
    }
}
