package io.berth.registry;

import java.io.IOException;
import java.net.URI;

/// No answer came from this server. Stays inside the room.
final class UnreachedException extends IOException {
    private final String host;

    UnreachedException(URI uri, IOException cause) {
        super(cause);
        this.host = uri.getRawAuthority();
    }

    String host() {
        return host;
    }
}
