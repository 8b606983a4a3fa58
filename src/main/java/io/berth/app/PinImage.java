package io.berth.app;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.ImageReference;
import io.berth.image.Platform;
import io.berth.registry.RegistryClient;
import io.berth.registry.auth.Credential;
import io.berth.registry.auth.Credentials;
import io.berth.store.Repository;
import io.berth.store.StoredImage;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/// Settles what a tag means now, so that all nodes of a job run the same image.
public final class PinImage {
    /// Registries of today say NOT_ALLOWED for what they do not have.
    private static final Set<Fault> NOTHING = EnumSet.of(Fault.UNREACHABLE, Fault.NOT_FOUND, Fault.NOT_ALLOWED);

    private final RegistryClient registry;
    private final Repository repository;
    private final Credentials credentials;
    private final String usual;

    /// @param usual the registry of names that have none
    public PinImage(RegistryClient registry, Repository repository, Credentials credentials, String usual) {
        this.registry = registry;
        this.repository = repository;
        this.credentials = credentials;
        this.usual = usual;
    }

    /// Errors: NOT_ALLOWED unless the login that is stored for the image's registry is the user's.
    public void requireLogin(ImageReference reference, String user) {
        String place = reference.registry().orElse(usual);
        Optional<String> stored = credentials.forRegistry(place).map(Credential::username);
        if (!stored.equals(Optional.of(user))) {
            throw FaultException.of(
                    Fault.NOT_ALLOWED,
                    "using the login of " + user + " at " + place + ": "
                            + stored.map(other -> "the one that is stored is of " + other)
                                    .orElse("none is stored"),
                    "store it once with 'berth login --username=" + user + " --registry=" + place + "'");
        }
    }

    /// What the registry says; where that is nothing, what is in the repository: it may have been loaded or
    /// imported, or be published by the site for machines that reach no registry.
    ///
    /// Errors: those of the registry.
    ///
    /// @return the name with a digest
    public ImageReference pin(ImageReference reference) {
        if (reference.digest().isPresent()) {
            return reference;
        }
        try {
            return reference.withDigest(
                    registry.resolve(reference, Platform.host()).digest());
        } catch (FaultException e) {
            if (!NOTHING.contains(e.fault())) {
                throw e;
            }
            StoredImage stored = repository.images().find(reference).orElseThrow(() -> e);
            ImageReference pinned = reference.withDigest(stored.digest());
            repository.images().keepPinned(stored, pinned);
            return pinned;
        }
    }
}
