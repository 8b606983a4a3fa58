package io.berth.registry;

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
import io.berth.image.json.ManifestJson.Document;
import io.berth.image.json.Schema1;
import io.berth.registry.ManifestEndpoint.Received;
import io.berth.registry.auth.Credential;
import io.berth.registry.auth.Credentials;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Reads images from registries. Safe for several threads at once.
///
/// Errors: NOT_FOUND (name, tag, blob or platform), NOT_ALLOWED, UNREACHABLE after all attempts, CORRUPT when digest,
/// size or format do not fit, INTERRUPTED.
/// Source: distribution-spec 1.1; distribution, "Token Authentication Specification".
public final class RegistryClient {
    private static final int TAGS_PAGE = 1000;

    private final Locations locations;
    private final RegistryCaller caller;
    private final Map<String, Location> lastGood = new ConcurrentHashMap<>();
    /// Names for which mirrors were found wanting.
    private final Set<String> direct = ConcurrentHashMap.newKeySet();
    /// Configurations that are in no blob of a registry, by digest.
    private final Map<Digest, String> configs = new ConcurrentHashMap<>();

    public RegistryClient(RegistryOptions options, Credentials credentials) {
        this(options, credentials, Thread::sleep);
    }

    RegistryClient(RegistryOptions options, Credentials credentials, Retries.Pause pause) {
        this.locations = new Locations(options);
        this.caller = RegistryCaller.of(options, credentials, pause);
    }

    /// Finds the image of one platform. From an index it is chosen by platform, one index inside another is followed;
    /// a manifest that is not in an index is taken whatever its platform.
    public ResolvedImage resolve(ImageReference reference, Platform platform) {
        return firstGood(reference, location -> resolveAt(location, reference, platform));
    }

    /// Streams a blob of the image from some byte on. A connection that breaks is resumed; the digest is not checked.
    ///
    /// @param fromByte 0 for all of it, the blob's size for nothing
    public InputStream open(ImageReference reference, Descriptor blob, long fromByte) {
        if (fromByte < 0 || fromByte > blob.sizeBytes()) {
            throw new IllegalArgumentException("byte " + fromByte + " of a blob of " + blob.sizeBytes());
        }
        if (fromByte == blob.sizeBytes() && fromByte > 0) {
            return InputStream.nullInputStream();
        }
        return firstGood(reference, location -> openAt(location, reference, blob, fromByte));
    }

    /// What the registry does not have may be had where its descriptor says. That is not the registry's business any
    /// more: no authorization is shown there, and the digest decides.
    private InputStream openAt(Location location, ImageReference reference, Descriptor blob, long fromByte) {
        String config = configs.get(blob.digest());
        if (config != null) {
            byte[] bytes = config.getBytes(StandardCharsets.UTF_8);
            return new ByteArrayInputStream(bytes, (int) fromByte, bytes.length - (int) fromByte);
        }
        try {
            return BlobStream.open(caller, location, new BlobEndpoint(reference, blob, fromByte, Optional.empty()));
        } catch (FaultException e) {
            if (e.fault() != Fault.NOT_FOUND || blob.urls().isEmpty()) {
                throw e;
            }
        }
        FaultException told = null;
        for (URI url : blob.urls()) {
            try {
                return BlobStream.open(caller, location, new BlobEndpoint(reference, blob, fromByte, Optional.of(url)));
            } catch (FaultException e) {
                told = e;
            }
        }
        throw Objects.requireNonNull(told, "there is a URL");
    }

    /// Whether there is more to hope for after something fetched was bad: a mirror may have had a part in it. From
    /// now on only the registry itself is asked for this name.
    public boolean leaveMirrors(ImageReference reference) {
        Location known = lastGood.get(reference.name());
        if (known != null && known.kind() == Location.Kind.MIRROR) {
            direct.add(reference.name());
            lastGood.remove(reference.name(), known);
        }
        return direct.contains(reference.name());
    }

    /// The tags of the repository, in the registry's order; the reference's own tag plays no part.
    public List<String> tags(ImageReference reference) {
        return firstGood(reference, location -> tagsAt(location, reference));
    }

    private List<String> tagsAt(Location location, ImageReference reference) {
        Set<URI> seen = new HashSet<>();
        List<String> tags = new ArrayList<>();
        String doing = "listing tags of " + reference.name();
        Optional<URI> next = Optional.empty();
        do {
            ListEndpoint.Page page =
                    caller.call(location, new ListEndpoint(doing, "tags/list?n=" + TAGS_PAGE, "tags", next));
            tags.addAll(page.names());
            // a registry that leads in a circle would keep us busy for ever
            next = page.names().isEmpty() ? Optional.empty() : page.next().filter(seen::add);
        } while (next.isPresent());
        return tags;
    }

    /// Whether the default registry lets the user in.
    ///
    /// Errors: NOT_ALLOWED when it does not; UNREACHABLE and CORRUPT when it could not be asked.
    ///
    /// @return whether it wanted to see a password at all
    public static boolean accepts(RegistryOptions options, Credential credential) {
        Location whole = Location.whole(options.defaultBase());
        RegistryCaller caller = RegistryCaller.of(options, _ -> Optional.of(credential), Thread::sleep);
        caller.call(whole, new PingEndpoint());
        return !caller.authorizer().known(whole).equals(Authorizer.NONE);
    }

    /// What the registry answers for the name, as it came: the manifest, or the index when there are several platforms.
    public String manifestJson(ImageReference reference) {
        return firstGood(
                reference,
                location -> fetch(location, reference, reference.tagOrDigest()).json());
    }

    private ResolvedImage resolveAt(Location location, ImageReference reference, Platform platform) {
        Received received = fetch(location, reference, reference.tagOrDigest());
        for (int depth = 0; ; depth++) {
            switch (read(location, reference, received)) {
                case Document.Single(Manifest manifest) -> {
                    return new ResolvedImage(reference, received.digest(), received.json(), manifest);
                }
                case Document.Old(Schema1 old) -> {
                    return convert(location, reference, old);
                }
                case Document.Many(ImageIndex index) -> {
                    if (depth > 1) {
                        throw FaultException.of(
                                Fault.CORRUPT,
                                fetching(location, reference) + ": indexes are nested too deeply",
                                "tell whoever made the image");
                    }
                    Digest chosen = choose(location, reference, index, platform);
                    received = fetch(location, reference, chosen.toString());
                }
            }
        }
    }

    /// The registry has no blob of its configuration, so we hand it out ourselves.
    private ResolvedImage convert(Location location, ImageReference reference, Schema1 old) {
        Map<Digest, Descriptor> layers = new HashMap<>();
        old.layersOldestFirst()
                .forEach(digest -> layers.computeIfAbsent(
                        digest,
                        _ -> Schema1.layer(digest, caller.call(location, new SizeEndpoint(reference, digest)))));
        Schema1.Converted image =
                old.converted(old.layersOldestFirst().stream().map(layers::get).toList());
        configs.put(image.manifest().config().digest(), old.configJson());
        return new ResolvedImage(reference, old.digest(), image.manifestJson(), image.manifest());
    }

    private Received fetch(Location location, ImageReference reference, String wanted) {
        return caller.call(location, new ManifestEndpoint(reference, wanted));
    }

    private static Document read(Location location, ImageReference reference, Received received) {
        try {
            return ManifestJson.read(received.json(), received.mediaType());
        } catch (FaultException e) {
            throw e.during(fetching(location, reference));
        }
    }

    /// An entry that names no platform is taken when it is the only one of the index: there is nothing else to choose.
    private static Digest choose(Location location, ImageReference reference, ImageIndex index, Platform platform) {
        Optional<Descriptor> only = index.entries().size() == 1
                        && index.entries().getFirst().platform().isEmpty()
                ? Optional.of(index.entries().getFirst().descriptor())
                : Optional.empty();
        return index.choose(platform)
                .or(() -> only)
                .or(() -> nestedIn(index))
                .orElseThrow(() -> FaultException.of(
                        Fault.NOT_FOUND,
                        fetching(location, reference) + ": no image for " + platform + "; there is " + offered(index),
                        "ask for one of these with --platform"))
                .digest();
    }

    private static Optional<Descriptor> nestedIn(ImageIndex index) {
        return index.entries().stream()
                .filter(entry -> entry.platform().isEmpty())
                .map(ImageIndex.Entry::descriptor)
                .filter(entry -> entry.mediaType().equals(MediaTypes.OCI_INDEX)
                        || entry.mediaType().equals(MediaTypes.DOCKER_LIST))
                .findFirst();
    }

    private static String offered(ImageIndex index) {
        String platforms = index.entries().stream()
                .flatMap(entry -> entry.platform().stream())
                .filter(platform -> !platform.os().equals("unknown"))
                .map(Platform::toString)
                .distinct()
                .limit(12)
                .collect(Collectors.joining(", "));
        return platforms.isEmpty() ? "none that names its platform" : platforms;
    }

    private static String fetching(Location location, ImageReference reference) {
        return "fetching manifest of " + reference + " from " + location.host();
    }

    /// Asks one place after the other until one answers; the user sees what the registry itself said, not a mirror.
    private <T> T firstGood(ImageReference reference, Function<Location, T> ask) {
        FaultException told = null;
        boolean toldForGood = false;
        for (Location place : placesOf(reference)) {
            try {
                return askAt(place, reference, ask);
            } catch (FaultException e) {
                if (!letsUsGoOn(place, e.fault())) {
                    throw e;
                }
                boolean byRegistry = place.kind() == Location.Kind.REGISTRY;
                told = told == null || (byRegistry && !toldForGood) ? e : told;
                toldForGood |= byRegistry && e.fault() == Fault.NOT_ALLOWED;
            }
        }
        throw Objects.requireNonNull(told, "a name has at least one place");
    }

    private List<Location> placesOf(ImageReference reference) {
        List<Location> places = new ArrayList<>(locations.of(reference));
        if (direct.contains(reference.name())) {
            places.removeIf(place -> place.kind() == Location.Kind.MIRROR);
        }
        Location known = lastGood.get(reference.name());
        if (known != null && places.remove(known)) {
            places.addFirst(known);
        }
        return places;
    }

    private <T> T askAt(Location place, ImageReference reference, Function<Location, T> ask) {
        T answer = ask.apply(place);
        lastGood.put(reference.name(), place);
        return answer;
    }

    /// A registry may say "not allowed" of a name that it does not have.
    private static boolean letsUsGoOn(Location place, Fault fault) {
        return switch (place.kind()) {
            case MIRROR -> fault != Fault.INTERRUPTED;
            case REGISTRY -> fault == Fault.NOT_FOUND || fault == Fault.NOT_ALLOWED;
        };
    }
}
