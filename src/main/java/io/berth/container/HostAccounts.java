package io.berth.container;

import java.util.Optional;

/// Users and groups as the host's name services know them: its own files, and a directory where it has one.
///
/// Cost: the first question may take a tenth of a second.
public interface HostAccounts {
    Optional<HostAccount> user(String name);

    Optional<Long> group(String name);

    /// A user of the host.
    record HostAccount(String name, long uid, long gid, String home) {}

    /// Knows nobody.
    static HostAccounts none() {
        return new HostAccounts() {
            @Override
            public Optional<HostAccount> user(String name) {
                return Optional.empty();
            }

            @Override
            public Optional<Long> group(String name) {
                return Optional.empty();
            }
        };
    }
}
