package io.berth.image;

import io.berth.fault.FaultException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The digest of some bytes, as `sha256:HEX`.
///
/// Shape: algorithm `sha256` or `sha512`, lower-case hexadecimal of the full length.
/// Source: OCI image-spec 1.1, descriptor.md, "Digests".
public record Digest(String algorithm, String hex) {
    private static final Pattern SHAPE = Pattern.compile("(sha256):([0-9a-f]{64})|(sha512):([0-9a-f]{128})");

    public Digest {
        if (!SHAPE.matcher(algorithm + ":" + hex).matches()) {
            throw FaultException.badInput(
                    "reading digest '" + algorithm + ":" + hex + "': it is not sha256 or sha512 in hexadecimal",
                    "a digest looks like sha256: and 64 hexadecimal digits");
        }
    }

    public static Digest parse(String text) {
        int colon = text.indexOf(':');
        return new Digest(colon < 0 ? "" : text.substring(0, colon), text.substring(colon + 1));
    }

    public static boolean isDigest(String text) {
        return SHAPE.matcher(text).matches();
    }

    public static Digest sha256Of(byte[] bytes) {
        return of("sha256", sha256().digest(bytes));
    }

    /// A hasher for digests of the usual algorithm; one thread at a time.
    public static MessageDigest sha256() {
        return hasher("sha256");
    }

    /// The digest that a hasher of the same algorithm has come to.
    public static Digest of(String algorithm, byte[] hash) {
        return new Digest(algorithm, HexFormat.of().formatHex(hash));
    }

    /// A hasher for digests of this algorithm; one thread at a time.
    public MessageDigest hasher() {
        return hasher(algorithm);
    }

    private static MessageDigest hasher(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm.toUpperCase(Locale.ROOT).replace("SHA", "SHA-"));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has " + algorithm, e);
        }
    }

    /// The first twelve digits, for people.
    public String shortened() {
        return hex.substring(0, 12);
    }

    @Override
    public String toString() {
        return algorithm + ":" + hex;
    }

    /// Written out, since what a record makes for it at run time no AOT cache can hold: milliseconds of each start.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Digest digest && algorithm.equals(digest.algorithm) && hex.equals(digest.hex);
    }

    @Override
    public int hashCode() {
        return hex.hashCode();
    }
}
