package io.berth.registry;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.Digest;
import io.berth.image.ImageReference;
import io.berth.image.MediaTypes;
import io.berth.image.json.Schema1;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// Fetches one manifest or index, by tag or by digest.
///
/// Errors: CORRUPT when it is longer than 4 MiB, is not UTF-8, or its digest is not the one asked for.
/// Source: distribution-spec 1.1, "Pulling manifests", which sets the 4 MiB.
///
/// @param wanted a tag, or the digest that the bytes must have
record ManifestEndpoint(ImageReference reference, String wanted) implements Endpoint<ManifestEndpoint.Received> {
    static final int MAX_BYTES = 4 << 20;

    /// @param digest of `json` as UTF-8
    record Received(String json, String mediaType, Digest digest) {}

    @Override
    public String doing() {
        return "fetching manifest of " + reference;
    }

    @Override
    public String route() {
        return "manifests/" + wanted;
    }

    @Override
    public Map<String, String> headers() {
        return Map.of("Accept", String.join(", ", MediaTypes.MANIFESTS));
    }

    @Override
    public Received read(Answer answer) throws IOException {
        byte[] bytes = answer.body().readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
            throw corrupt(answer, "it is longer than " + MAX_BYTES + " bytes");
        }
        if (bytes.length < answer.contentLength().orElse(0)) {
            throw new EOFException("connection lost after " + bytes.length + " bytes");
        }
        String text = text(answer, bytes);
        return new Received(text, answer.header("Content-Type").orElse(""), digestOf(answer, text, bytes));
    }

    /// That of a signed manifest (schema 1) is over the text without its signatures.
    private Digest digestOf(Answer answer, String text, byte[] bytes) {
        if (!Digest.isDigest(wanted)) {
            return Digest.sha256Of(bytes);
        }
        if (Schema1.read(text)
                .filter(old -> old.digest().toString().equals(wanted))
                .isPresent()) {
            return Digest.parse(wanted);
        }
        Digest want = Digest.parse(wanted);
        Digest got = Digest.of(want.algorithm(), want.hasher().digest(bytes));
        if (!got.equals(want)) {
            throw corrupt(answer, "got " + got + ", wanted " + want);
        }
        return got;
    }

    /// Strict, since the digest must hold for the text again when it is written as UTF-8.
    private String text(Answer answer, byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw corrupt(answer, "it is not UTF-8 text");
        }
    }

    private FaultException corrupt(Answer answer, String why) {
        return FaultException.of(
                Fault.CORRUPT,
                doing() + " from " + answer.host() + ": " + why,
                "try again; if it stays so, tell whoever runs " + answer.host());
    }
}
