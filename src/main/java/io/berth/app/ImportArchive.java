package io.berth.app;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.Folders;
import io.berth.files.TreeRemoval;
import io.berth.image.Descriptor;
import io.berth.image.Digest;
import io.berth.image.ImageReference;
import io.berth.image.MediaTypes;
import io.berth.image.Platform;
import io.berth.image.ResolvedImage;
import io.berth.image.json.ManifestJson;
import io.berth.image.json.ManifestWriter;
import io.berth.layer.LayerFacts;
import io.berth.layer.LayerFile;
import io.berth.layer.LayerUnpacker;
import io.berth.layer.UnpackOptions;
import io.berth.layer.UnpackReport;
import io.berth.progress.Progress;
import io.berth.store.BlobSpool;
import io.berth.store.BlobSpool.Spooled;
import io.berth.store.Container;
import io.berth.store.ContainerDraft;
import io.berth.store.Repository;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/// Makes an image, or at once a container, of one archive of a root tree; or a container of an archive of a container.
public final class ImportArchive {
    private static final String NO_IMAGE = "IMPORTED:unknown";

    private final Repository repository;
    private final LayerUnpacker unpacker;
    private final UnpackOptions options;
    private final Clock clock;
    private final Progress progress;

    public ImportArchive(
            Repository repository, LayerUnpacker unpacker, UnpackOptions options, Clock clock, Progress progress) {
        this.repository = repository;
        this.unpacker = unpacker;
        this.options = options;
        this.clock = clock;
        this.progress = progress;
    }

    /// @param move whether the archive is gone afterwards
    public record ImageRequest(ArchiveSource source, ImageReference name, Platform platform, boolean move) {}

    /// @param image to say that it was made from
    public record ContainerRequest(
            ArchiveSource source, Optional<ImageReference> image, Platform platform, Optional<String> name) {}

    /// @return digest of the image's one layer
    ///
    /// Errors: BUSY when there is such an image; CORRUPT when it is no tar archive.
    public Digest toImage(ImageRequest request) {
        if (ImageNames.isTaken(repository, request.name())) {
            throw ImageNames.taken("importing " + request.name());
        }
        try (BlobSpool spool = repository.blobs().spool()) {
            Spooled layer = spool(spool, request.source(), request.move());
            LayerFacts facts = facts(layer.file());
            String configJson =
                    ManifestWriter.imported(request.platform(), Optional.of(facts.diffId()), facts.bytes(), now());
            Spooled config = spool.add(bytes(configJson), _ -> {});
            String manifest = ManifestWriter.manifest(
                    new Descriptor(MediaTypes.OCI_CONFIG, config.digest(), config.sizeBytes()),
                    List.of(new Descriptor(facts.mediaType(), layer.digest(), layer.sizeBytes())));
            spool.keep(layer);
            spool.keep(config);
            repository
                    .images()
                    .tag(new ResolvedImage(
                            request.name(),
                            Digest.sha256Of(manifest.getBytes(StandardCharsets.UTF_8)),
                            manifest,
                            ManifestJson.manifest(manifest)));
            if (request.move() && request.source() instanceof ArchiveSource.Named(Path file)) {
                remove(file);
            }
            return layer.digest();
        } catch (FaultException e) {
            throw e.during("importing " + request.name());
        }
    }

    private LayerFacts facts(Path file) {
        return LayerFacts.of(file, options.limits());
    }

    private Spooled spool(BlobSpool spool, ArchiveSource source, boolean move) {
        try (Progress.Task task = progress.begin("import", source.sizeBytes())) {
            if (source instanceof ArchiveSource.Named(Path file)) {
                return move ? spool.link(file, task::advance) : spool.copy(file, task::advance);
            }
            return spool.add(source.open(), task::advance);
        }
    }

    private static ByteArrayInputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private String now() {
        return Instant.now(clock).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static void remove(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw FaultException.io("the image is here, but removing " + file, e);
        }
    }

    /// @param notices what could not be unpacked and why, a line each
    public record Report(Container container, List<String> notices) {}

    public Report toContainer(ContainerRequest request) {
        return draft(request, (draft, archive) -> {
            UnpackReport report = unpacker.unpack(List.of(archive), draft.root(), options, progress);
            String config = ManifestWriter.imported(request.platform(), Optional.empty(), report.bytes(), now());
            String image = request.image().map(ImageReference::toString).orElse(NO_IMAGE);
            Container container = repository.containers().publish(draft, config, image, request.name());
            return new Report(container, report.skipped());
        });
    }

    /// From what `export --clone` wrote: a container's folder, not only its tree.
    public Report toClone(ContainerRequest request) {
        return draft(request, (draft, archive) -> {
            Path inner = draft.folder().resolve("clone");
            try {
                Files.createDirectory(inner);
                UnpackReport report = unpacker.unpack(List.of(archive), inner, options, progress);
                requireContainer(inner);
                Files.delete(draft.root());
                lift(inner, draft.folder());
                return new Report(repository.containers().publish(draft, request.name()), report.skipped());
            } catch (IOException e) {
                throw FaultException.io("unpacking container " + draft.id(), e);
            }
        });
    }

    /// Nothing that udocker or berth reads in a container's folder may be a link to elsewhere.
    private static void requireContainer(Path folder) throws IOException {
        boolean good = Files.isDirectory(folder.resolve("ROOT"), LinkOption.NOFOLLOW_LINKS)
                && Files.isRegularFile(folder.resolve("container.json"), LinkOption.NOFOLLOW_LINKS);
        for (Path entry : Folders.entries(folder)) {
            good &= !Files.isSymbolicLink(entry);
        }
        if (!good) {
            throw FaultException.of(
                    Fault.CORRUPT,
                    "it is no archive of a container: ROOT or container.json is missing, or a link",
                    "import it without --clone if it is the archive of a root tree");
        }
    }

    private static void lift(Path from, Path to) throws IOException {
        for (Path entry : Folders.entries(from)) {
            Path target = to.resolve(entry.getFileName());
            if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                Files.move(entry, target);
            }
        }
        TreeRemoval.removeTree(from);
    }

    private interface Filling {
        Report fill(ContainerDraft draft, LayerFile archive);
    }

    private Report draft(ContainerRequest request, Filling filling) {
        request.name().ifPresent(repository.containers()::checkName);
        try (BlobSpool spool = repository.blobs().spool()) {
            LayerFile archive = archive(spool, request.source());
            ContainerDraft draft = repository.containers().draft();
            boolean published = false;
            try {
                Report report = filling.fill(draft, archive);
                published = true;
                return report;
            } finally {
                if (!published) {
                    repository.containers().discard(draft);
                }
            }
        } catch (FaultException e) {
            throw e.during("importing a container");
        }
    }

    /// A named archive is unpacked from where it is.
    private LayerFile archive(BlobSpool spool, ArchiveSource source) {
        if (source instanceof ArchiveSource.Named(Path file)) {
            return LayerFile.archive(file);
        }
        Spooled spooled = spool(spool, source, false);
        return new LayerFile(
                spooled.file(), new Descriptor("", spooled.digest(), spooled.sizeBytes()), Optional.empty());
    }
}
