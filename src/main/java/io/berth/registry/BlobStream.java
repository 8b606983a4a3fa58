package io.berth.registry;

import io.berth.image.Descriptor;
import io.berth.image.ImageReference;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/// One blob as a stream that goes on by itself where a connection broke. One thread at a time.
///
/// Shape: ends after exactly the bytes that the manifest says; nobody has checked the digest.
/// Errors: CORRUPT when the registry sends more; UNREACHABLE when the connection broke too often.
final class BlobStream extends InputStream {
    /// Fewer bytes than this between two breaks count as no progress, else a server could keep us busy for ever.
    private static final long PROGRESS_BYTES = 1 << 20;

    private final RegistryCaller caller;
    private final Location location;
    private final ImageReference reference;
    private final Descriptor blob;
    private final Optional<URI> elsewhere;
    private Answer answer;
    private long position;
    private long brokenAt;
    private int breaks;
    private boolean ended;

    private BlobStream(RegistryCaller caller, Location location, BlobEndpoint first) {
        this.caller = caller;
        this.location = location;
        this.reference = first.reference();
        this.blob = first.blob();
        this.elsewhere = first.elsewhere();
        this.position = first.fromByte();
        this.brokenAt = first.fromByte();
        this.answer = caller.call(location, first);
    }

    static BlobStream open(RegistryCaller caller, Location location, BlobEndpoint endpoint) {
        return new BlobStream(caller, location, endpoint);
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        while (position < blob.sizeBytes()) {
            try {
                int count = answer.body().read(buffer, offset, (int) Math.min(length, blob.sizeBytes() - position));
                if (count > 0) {
                    position += count;
                    return count;
                }
                resume(new EOFException("ended early"));
            } catch (IOException e) {
                resume(e);
            }
        }
        return atEnd();
    }

    @Override
    public int available() throws IOException {
        return (int) Math.min(answer.body().available(), blob.sizeBytes() - position);
    }

    @Override
    public void close() {
        if (ended) {
            answer.close();
        } else {
            answer.abandon();
        }
    }

    private int atEnd() {
        if (!ended && sendsMore()) {
            throw endpoint().wrongSize(answer.host(), "more than " + blob.sizeBytes() + " bytes");
        }
        ended = true;
        return -1;
    }

    private boolean sendsMore() {
        try {
            return answer.body().read() >= 0;
        } catch (IOException e) {
            return false; // all that was promised is here
        }
    }

    private void resume(IOException trouble) {
        answer.abandon();
        breaks = position - brokenAt >= PROGRESS_BYTES ? 1 : breaks + 1;
        brokenAt = position;
        BlobEndpoint rest = endpoint();
        if (caller.retries().isLast(breaks)) {
            throw NetworkTrouble.of(trouble).during(rest.doing(), answer.host(), trouble);
        }
        caller.retries().pauseAfter(breaks, Duration.ZERO, rest.doing());
        answer = caller.call(location, rest);
    }

    private BlobEndpoint endpoint() {
        return new BlobEndpoint(reference, blob, position, elsewhere);
    }
}
