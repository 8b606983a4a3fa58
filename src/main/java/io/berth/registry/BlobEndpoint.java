package io.berth.registry;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.Descriptor;
import io.berth.image.ImageReference;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/// Opens one blob at some byte. The answer comes back positioned there, also when the registry ignores ranges.
///
/// Errors: CORRUPT when the registry has another number of bytes than the manifest says.
/// Source: distribution-spec 1.1, "Pulling blobs"; RFC 9110, section 14 (Range).
///
/// @param elsewhere a server that is none of the registry's; none for the registry
record BlobEndpoint(ImageReference reference, Descriptor blob, long fromByte, Optional<URI> elsewhere)
        implements Endpoint<Answer> {
    @Override
    public URI at(Location location) {
        return elsewhere.orElseGet(() -> location.resource(route()));
    }

    @Override
    public boolean leadsAway() {
        return elsewhere.isPresent();
    }

    @Override
    public String doing() {
        return "fetching " + blob.digest().algorithm() + ":" + blob.digest().shortened() + " of " + reference;
    }

    @Override
    public String route() {
        return "blobs/" + blob.digest();
    }

    @Override
    public Map<String, String> headers() {
        return fromByte == 0 ? Map.of("Accept", "*/*") : Map.of("Accept", "*/*", "Range", "bytes=" + fromByte + "-");
    }

    @Override
    public Answer read(Answer answer) throws IOException {
        boolean partial = answer.status() == 206;
        long start = partial ? startOf(answer) : 0;
        long size = start + answer.contentLength().orElse(blob.sizeBytes() - start);
        if (start > fromByte || size > blob.sizeBytes() || (!partial && size < blob.sizeBytes())) {
            throw wrongSize(answer.host(), start > fromByte ? "a part from byte " + start : size + " bytes");
        }
        answer.body().skipNBytes(fromByte - start);
        return answer;
    }

    FaultException wrongSize(String host, String got) {
        return FaultException.of(
                Fault.CORRUPT,
                doing() + " from " + host + ": got " + got + ", wanted " + blob.sizeBytes() + " bytes",
                "try again; if it stays so, tell whoever runs " + host);
    }

    /// From `Content-Range: bytes FIRST-LAST/SIZE`; without it the server is taken at its word.
    private long startOf(Answer answer) {
        String range = answer.header("Content-Range").orElse("");
        String first = range.replaceFirst("^bytes *([0-9]{1,18})-.*$", "$1");
        return first.isEmpty() || first.equals(range) ? fromByte : Long.parseLong(first);
    }
}
