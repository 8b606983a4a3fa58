package io.berth.registry.http;

import java.io.IOException;

/// A proxy did not let us through. The message says why, in words for a user.
public final class ProxyException extends IOException {
    private final ProxyServer proxy;
    private final boolean passing;

    ProxyException(ProxyServer proxy, String why, boolean passing) {
        super(why);
        this.proxy = proxy;
        this.passing = passing;
    }

    /// Host and port of the proxy.
    public String proxy() {
        return proxy.address();
    }

    /// Whether it may be gone in a moment.
    public boolean isPassing() {
        return passing;
    }
}
