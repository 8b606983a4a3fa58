package io.berth.app;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.Descriptor;
import io.berth.image.Digest;
import io.berth.image.ImageIndex;
import io.berth.image.ImageReference;
import io.berth.image.Manifest;
import io.berth.image.MediaTypes;
import io.berth.image.Platform;
import io.berth.image.ResolvedImage;
import io.berth.image.json.ManifestJson;
import io.berth.image.json.ManifestWriter;
import io.berth.image.json.SavedJson;
import io.berth.layer.LayerFacts;
import io.berth.layer.UnpackLimits;
import io.berth.progress.Progress;
import io.berth.store.BlobSpool;
import io.berth.store.BlobSpool.Spooled;
import io.berth.store.Repository;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;

/// Brings the images of an archive into the repository: what `docker save` or `berth save` wrote, or an OCI layout, as
/// a tar archive or as a folder. Every digest is verified before anything becomes visible.
public final class LoadImages {
    /// How BuildKit and containerd tell the whole name.
    private static final String FULL_NAME = "io.containerd.image.name";

    private static final String REF_NAME = "org.opencontainers.image.ref.name";
    /// Marks what is no image but says something of one.
    private static final String ATTESTATION = "vnd.docker.reference.type";

    private static final int MOST_INDEXES = 8;

    private final Repository repository;
    private final UnpackLimits limits;
    private final Progress progress;

    public LoadImages(Repository repository, UnpackLimits limits, Progress progress) {
        this.repository = repository;
        this.limits = limits;
        this.progress = progress;
    }

    /// @param name for the image instead of the archive's own
    public record Request(ArchiveSource source, Optional<ImageReference> name) {}

    /// An image that is whole, but not in the store yet.
    private record Loaded(String manifestJson, Manifest manifest, List<Spooled> blobs, List<ImageReference> names) {
        Digest digest() {
            return Digest.sha256Of(manifestJson.getBytes(StandardCharsets.UTF_8));
        }
    }

    /// What is here already, digest for digest, is loaded: so a load that was interrupted can be given again.
    ///
    /// Errors: CORRUPT when the archive or an image in it is damaged, BUSY when another image of that name is here;
    /// then none is loaded.
    ///
    /// @return names of the images loaded, in the archive's order
    public List<ImageReference> load(Request request) {
        try (BlobSpool spool = repository.blobs().spool();
                Progress.Task task = progress.begin("load", request.source().sizeBytes())) {
            LoadSource source = LoadSource.of(request.source(), spool, limits, task);
            List<Loaded> images = named(read(source), request.name());
            images.forEach(this::requireFree);
            images.forEach(image -> image.blobs().forEach(spool::keep));
            images.forEach(this::tag);
            return images.stream().flatMap(image -> image.names().stream()).toList();
        } catch (FaultException e) {
            throw e.during("loading images");
        }
    }

    private void requireFree(Loaded image) {
        for (ImageReference name : image.names()) {
            if (ImageNames.isTaken(repository, name) && !isHere(name, image)) {
                throw ImageNames.taken(name.toString());
            }
        }
    }

    private boolean isHere(ImageReference name, Loaded image) {
        return repository
                .images()
                .find(name)
                .filter(here -> here.digest().equals(image.digest()))
                .isPresent();
    }

    private void tag(Loaded image) {
        for (ImageReference name : image.names()) {
            repository.images().tag(new ResolvedImage(name, image.digest(), image.manifestJson(), image.manifest()));
        }
    }

    /// What Docker writes today is both; the layout then keeps the manifest's digest, manifest.json has the names.
    private List<Loaded> read(LoadSource source) {
        Optional<String> docker = source.text("manifest.json");
        List<ManifestWriter.Saved> saved = docker.map(SavedJson::docker).orElse(List.of());
        Optional<String> layout = source.find("oci-layout").isPresent() ? source.text("index.json") : Optional.empty();
        if (layout.isPresent()) {
            return SavedJson.layout(layout.get()).stream()
                    .filter(entry -> !entry.annotations().containsKey(ATTESTATION))
                    .map(entry -> ofLayout(source, entry, saved))
                    .toList();
        }
        if (docker.isEmpty()) {
            throw LoadSource.corrupt("it holds neither manifest.json nor an OCI layout");
        }
        Map<String, Layer> layers = new HashMap<>();
        return saved.stream().map(image -> ofDocker(source, image, layers)).toList();
    }

    private static Loaded ofLayout(LoadSource source, SavedJson.LayoutEntry entry, List<ManifestWriter.Saved> dockers) {
        Spooled file = blob(source, entry.descriptor());
        String json = LoadSource.text(file);
        String type = entry.descriptor().mediaType();
        for (int depth = 0; ManifestJson.read(json, type) instanceof ManifestJson.Document.Many(ImageIndex index); ) {
            Descriptor chosen = index.choose(Platform.host())
                    .orElseThrow(() -> FaultException.of(
                            Fault.NOT_FOUND,
                            "it has no image for " + Platform.host(),
                            "save it for this platform, or pull it"));
            if (++depth > MOST_INDEXES) {
                throw LoadSource.corrupt("its indexes lead into each other");
            }
            json = LoadSource.text(blob(source, chosen));
            type = chosen.mediaType();
        }
        Manifest manifest = ManifestJson.manifest(json);
        List<Spooled> blobs = new ArrayList<>();
        for (Descriptor layer : manifest.layersOldestFirst()) {
            blobs.add(blob(source, layer));
        }
        blobs.add(blob(source, manifest.config()));
        return new Loaded(json, manifest, blobs, layoutNames(entry, manifest, dockers));
    }

    private static Spooled blob(LoadSource source, Descriptor descriptor) {
        Digest digest = descriptor.digest();
        Spooled file = source.get("blobs/" + digest.algorithm() + "/" + digest.hex());
        if (!file.digest().equals(digest) || file.sizeBytes() != descriptor.sizeBytes()) {
            throw LoadSource.corrupt(
                    "blob " + digest + " has " + file.sizeBytes() + " bytes and the digest " + file.digest());
        }
        return file;
    }

    private static List<ImageReference> layoutNames(
            SavedJson.LayoutEntry entry, Manifest manifest, List<ManifestWriter.Saved> dockers) {
        SequencedSet<String> names = new LinkedHashSet<>();
        for (ManifestWriter.Saved docker : dockers) {
            if (docker.config().contains(manifest.config().digest().hex())) {
                names.addAll(docker.tags());
            }
        }
        String full = entry.annotations().getOrDefault(FULL_NAME, "");
        String reference = entry.annotations().getOrDefault(REF_NAME, "");
        if (names.isEmpty() && !full.isEmpty()) {
            names.add(full);
        }
        if (names.isEmpty() && reference.contains(":")) {
            names.add(reference);
        }
        if (names.isEmpty() && !reference.isEmpty()) {
            names.add(randomName() + ":" + reference);
        }
        return references(names);
    }

    private record Layer(Spooled file, LayerFacts facts) {}

    private Loaded ofDocker(LoadSource source, ManifestWriter.Saved image, Map<String, Layer> known) {
        Spooled config = source.get(image.config());
        requireNamedRight(image.config(), config);
        String configJson = LoadSource.text(config);
        List<Digest> diffIds = ManifestJson.config(configJson).diffIdsOldestFirst();
        List<String> files = image.layersOldestFirst();
        // some old builders list none
        boolean lists = !diffIds.isEmpty();
        if (lists && diffIds.size() != files.size()) {
            throw LoadSource.corrupt(
                    "an image has " + files.size() + " layers, its configuration lists " + diffIds.size());
        }
        List<Descriptor> layers = new ArrayList<>();
        List<Spooled> blobs = new ArrayList<>(List.of(config));
        for (int i = 0; i < files.size(); i++) {
            Layer layer = known.computeIfAbsent(files.get(i), name -> layer(source, name));
            if (lists && !layer.facts().diffId().equals(diffIds.get(i))) {
                throw LoadSource.corrupt("layer '" + files.get(i) + "' has the digest "
                        + layer.facts().diffId() + ", the image says " + diffIds.get(i));
            }
            layers.add(new Descriptor(
                    layer.facts().mediaType(),
                    layer.file().digest(),
                    layer.file().sizeBytes()));
            blobs.add(layer.file());
        }
        String manifest = ManifestWriter.manifest(
                new Descriptor(MediaTypes.OCI_CONFIG, config.digest(), config.sizeBytes()), layers);
        return new Loaded(
                manifest, ManifestJson.manifest(manifest), blobs, references(new LinkedHashSet<>(image.tags())));
    }

    private Layer layer(LoadSource source, String name) {
        Spooled file = source.get(name);
        return new Layer(file, LayerFacts.of(file.file(), limits));
    }

    /// Docker names a configuration by its digest.
    private static void requireNamedRight(String name, Spooled file) {
        String stem = name.substring(name.lastIndexOf('/') + 1).replaceFirst("\\.json$", "");
        if (stem.matches("[0-9a-f]{64}") && !stem.equals(file.digest().hex())) {
            throw LoadSource.corrupt("configuration '" + name + "' has the digest " + file.digest());
        }
    }

    private static List<ImageReference> references(SequencedSet<String> names) {
        return names.stream().map(ImageReference::parse).toList();
    }

    /// Images without a name get a random one, as udocker gives.
    private static List<Loaded> named(List<Loaded> images, Optional<ImageReference> wanted) {
        if (images.isEmpty()) {
            throw LoadSource.corrupt("it holds no image");
        }
        if (wanted.isPresent() && images.size() > 1) {
            throw FaultException.badInput(
                    "naming " + images.size() + " images " + wanted.get() + ": one name is not enough",
                    "leave the name out, the images have their own");
        }
        List<Loaded> named = new ArrayList<>();
        for (Loaded image : images) {
            List<ImageReference> own =
                    image.names().isEmpty() ? List.of(ImageReference.parse(randomName() + ":latest")) : image.names();
            named.add(new Loaded(
                    image.manifestJson(),
                    image.manifest(),
                    image.blobs(),
                    wanted.map(List::of).orElse(own)));
        }
        return named;
    }

    private static String randomName() {
        StringBuilder name = new StringBuilder();
        new SecureRandom().ints(16, 'a', 'z' + 1).forEach(name::appendCodePoint);
        return name.toString();
    }
}
