package io.berth.app;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.ImageReference;
import io.berth.image.Platform;
import io.berth.store.Container;
import io.berth.store.Repository;
import io.berth.store.StoredImage;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/// The container that a word means: one that is here, or a new one of an image that is here or is fetched first.
public final class ObtainContainer {
    private final Repository repository;
    private final Function<PullImage.Request, StoredImage> pull;
    private final Supplier<CreateContainer> create;

    /// @param create asked for only when a container has to be made
    public ObtainContainer(
            Repository repository, Function<PullImage.Request, StoredImage> pull, Supplier<CreateContainer> create) {
        this.repository = repository;
        this.pull = pull;
        this.create = create;
    }

    /// @param word a container's id or name, or an image
    /// @param name for a new container
    /// @param platform wanted of the image, when not this machine's
    public record Request(String word, Optional<String> name, PullPolicy policy, Optional<Platform> platform) {}

    /// @param notices what could not be unpacked and why, a line each
    public record Obtained(Container container, boolean isNew, List<String> notices) {}

    /// A container that is here; with none, [#obtain] has much to do.
    public Optional<Container> existing(Request request) {
        Optional<Container> named = request.policy() == PullPolicy.REUSE
                ? request.name().flatMap(repository.containers()::find)
                : Optional.empty();
        return named.or(() -> repository.containers().find(request.word()));
    }

    /// Errors: NOT_FOUND for an image that is not here and may not be fetched; BUSY for a name that is taken.
    public Obtained obtain(Request request) {
        Optional<Container> existing = existing(request);
        if (existing.isPresent()) {
            return new Obtained(existing.get(), false, List.of());
        }
        ImageReference reference = ImageReference.parse(request.word());
        request.name().ifPresent(repository.containers()::checkName);
        StoredImage image = image(reference, request);
        CreateContainer.Report report = create.get().create(new CreateContainer.Request(image, request.name()));
        return new Obtained(report.container(), true, report.notices());
    }

    private StoredImage image(ImageReference reference, Request request) {
        PullImage.Request wanted =
                new PullImage.Request(reference, request.platform().orElseGet(Platform::host));
        Optional<StoredImage> here = request.policy() == PullPolicy.ALWAYS
                ? Optional.empty()
                : repository.images().find(reference).filter(image -> fits(image, request));
        if (here.isEmpty() && request.policy() == PullPolicy.NEVER) {
            throw FaultException.of(
                    Fault.NOT_FOUND,
                    "looking for " + request.word() + ": it is neither a container nor an image here, and is not "
                            + "to be fetched",
                    near(request).orElse("leave --pull=never out, or fetch it with: berth pull " + reference));
        }
        StoredImage image = here.orElseGet(() -> fetch(wanted, request));
        if (!fits(image, request)) {
            throw FaultException.of(
                    Fault.NOT_FOUND,
                    "looking for " + reference + " for " + wanted.platform() + ": it is for "
                            + image.config().platform(),
                    "leave --platform out to use it as it is");
        }
        return image;
    }

    /// A name that no registry has was perhaps meant for something here.
    private StoredImage fetch(PullImage.Request wanted, Request request) {
        try {
            return pull.apply(wanted);
        } catch (FaultException e) {
            Optional<String> near = near(request)
                    .filter(_ -> e.fault() == Fault.NOT_FOUND
                            || e.fault() == Fault.NOT_ALLOWED
                            || e.fault() == Fault.UNREACHABLE);
            if (near.isEmpty()) {
                throw e;
            }
            String hint = near.get() + e.hint().map(other -> " Else: " + other).orElse("");
            throw FaultException.of(e.fault(), String.valueOf(e.getMessage()), hint, e);
        }
    }

    private Optional<String> near(Request request) {
        return repository.near(request.word()).map(near -> "did you mean '" + near + "'?");
    }

    private static boolean fits(StoredImage image, Request request) {
        return request.platform()
                .map(platform -> platform.accepts(image.config().platform()))
                .orElse(true);
    }
}
