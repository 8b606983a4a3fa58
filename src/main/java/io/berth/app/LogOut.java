package io.berth.app;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.registry.RegistryOptions;
import io.berth.registry.auth.Keystore;

/// Forgets stored passwords.
public final class LogOut {
    private final RegistryOptions options;
    private final Keystore keystore;

    /// @param options whose default registry is the one to log out of
    public LogOut(RegistryOptions options, Keystore keystore) {
        this.options = options;
        this.keystore = keystore;
    }

    /// Errors: NOT_FOUND when there is no password for it.
    ///
    /// @return the registry
    public String logOut() {
        String registry = RegistryOptions.baseUrl(options.defaultRegistry()).toString();
        if (keystore.remove(registry).isEmpty()) {
            throw FaultException.of(
                    Fault.NOT_FOUND,
                    "logging out of " + registry + ": there is no password for it",
                    "name the registry with --registry, or say -a");
        }
        return registry;
    }

    /// @return whether there was any
    public boolean logOutOfAll() {
        return keystore.erase();
    }
}
