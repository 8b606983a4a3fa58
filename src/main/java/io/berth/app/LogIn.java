package io.berth.app;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.registry.RegistryClient;
import io.berth.registry.RegistryOptions;
import io.berth.registry.auth.Credential;
import io.berth.registry.auth.Keystore;
import io.berth.registry.auth.Secret;
import java.net.URI;

/// Stores a password for a registry, after the registry has accepted it.
public final class LogIn {
    private final RegistryOptions options;
    private final Keystore keystore;

    /// @param options whose default registry is the one to log in to
    public LogIn(RegistryOptions options, Keystore keystore) {
        this.options = options;
        this.keystore = keystore;
    }

    /// @param registry under which the password is stored
    /// @param doubt why it is not known whether the password is right, in a line; empty when it is right
    public record Outcome(String registry, String doubt) {}

    /// A registry that cannot be asked does not keep anyone from preparing for it.
    ///
    /// Errors: NOT_ALLOWED when the registry refuses; nothing is stored then.
    public Outcome logIn(String username, String password) {
        Credential credential = new Credential(username, new Secret(password));
        URI base = RegistryOptions.baseUrl(options.defaultRegistry());
        Outcome outcome = new Outcome(base.toString(), doubt(credential));
        keystore.put(outcome.registry(), credential);
        return outcome;
    }

    private String doubt(Credential credential) {
        try {
            return RegistryClient.accepts(options, credential)
                    ? ""
                    : "it asks for no password, so nobody knows whether this one is right";
        } catch (FaultException e) {
            return switch (e.fault()) {
                case UNREACHABLE, NOT_FOUND, CORRUPT -> String.valueOf(e.getMessage());
                case NOT_ALLOWED ->
                    throw FaultException.of(
                            Fault.NOT_ALLOWED,
                            e.getMessage() + "; nothing is stored",
                            "check user name and password, and that this is the right registry");
                case BAD_INPUT, BUSY, NO_SPACE, HOST_UNFIT, INTERRUPTED -> throw e;
            };
        }
    }
}
