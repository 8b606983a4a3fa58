package io.berth.image;

import io.berth.fault.FaultException;
import java.util.Optional;
import java.util.regex.Pattern;

/// The name of an image: `[REGISTRY/]NAME[:TAG|@DIGEST]`.
///
/// Shape: `name` is what the user wrote before the tag (udocker files images under exactly that); the last part is
/// a tag or a digest, `latest` when neither was given. A name with both keeps the digest, which says more.
/// Source: distribution-spec 1.1, "Pulling manifests"; udocker 1.3 for the name on disk.
public record ImageReference(String name, String tagOrDigest) {
    private static final Pattern HOST =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?|\\[[0-9a-fA-F:]+](:[0-9]{1,5})?");
    private static final Pattern COMPONENT = Pattern.compile("[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");

    public ImageReference {
        String[] components = path(name).split("/", -1);
        boolean good = name.length() <= 255;
        for (String component : components) {
            good &= COMPONENT.matcher(component).matches();
        }
        good &= registryOf(name).map(host -> HOST.matcher(host).matches()).orElse(true);
        good &= TAG.matcher(tagOrDigest).matches() || Digest.isDigest(tagOrDigest);
        if (!good) {
            throw refused(name + (Digest.isDigest(tagOrDigest) ? "@" : ":") + tagOrDigest);
        }
    }

    public static ImageReference parse(String text) {
        String name = text;
        String rest = "";
        int at = text.indexOf('@');
        if (at >= 0) {
            name = text.substring(0, at);
            rest = text.substring(at + 1);
            if (!Digest.isDigest(rest)) {
                throw refused(text);
            }
        }
        int colon = name.lastIndexOf(':');
        if (colon > name.lastIndexOf('/')) {
            String tag = name.substring(colon + 1);
            if (!TAG.matcher(tag).matches()) {
                throw refused(text);
            }
            rest = rest.isEmpty() ? tag : rest;
            name = name.substring(0, colon);
        }
        return new ImageReference(name, rest.isEmpty() ? "latest" : rest);
    }

    /// The registry's host and port, when the name begins with one. As Docker reads it: a first part with a dot or
    /// a port, or `localhost`.
    public Optional<String> registry() {
        return registryOf(name);
    }

    /// The name without the registry.
    public String path() {
        return path(name);
    }

    /// The digest, when the reference is pinned.
    public Optional<Digest> digest() {
        return Digest.isDigest(tagOrDigest) ? Optional.of(Digest.parse(tagOrDigest)) : Optional.empty();
    }

    public ImageReference withDigest(Digest digest) {
        return new ImageReference(name, digest.toString());
    }

    private static Optional<String> registryOf(String name) {
        int slash = name.indexOf('/');
        String first = slash < 0 ? "" : name.substring(0, slash);
        boolean isHost = first.indexOf('.') >= 0 || first.indexOf(':') >= 0 || first.equals("localhost");
        return isHost ? Optional.of(first) : Optional.empty();
    }

    private static String path(String name) {
        return registryOf(name).map(host -> name.substring(host.length() + 1)).orElse(name);
    }

    private static FaultException refused(String text) {
        return FaultException.badInput(
                "reading image name '" + text + "': it is not [REGISTRY/]NAME[:TAG|@DIGEST]",
                "names are lower case, for example registry.example.org:5000/lab/solver:2.1");
    }

    @Override
    public String toString() {
        return name + (Digest.isDigest(tagOrDigest) ? "@" : ":") + tagOrDigest;
    }
}
