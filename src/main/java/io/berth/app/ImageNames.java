package io.berth.app;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.ImageReference;
import io.berth.store.Repository;

/// Which names are free for images that come from files.
final class ImageNames {
    private ImageNames() {}

    /// A damaged image under that name may be replaced.
    static boolean isTaken(Repository repository, ImageReference name) {
        try {
            return repository.images().find(name).isPresent();
        } catch (FaultException e) {
            if (e.fault() == Fault.CORRUPT) {
                return false;
            }
            throw e;
        }
    }

    static FaultException taken(String doing) {
        return FaultException.of(
                Fault.BUSY, doing + ": there is an image of that name already", "choose another name, or remove it");
    }
}
