package io.berth.app;

import io.berth.device.DriverCopy;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.TreePermissions;
import io.berth.store.Container;
import io.berth.store.Repository;
import io.berth.store.StoredMode;
import io.berth.store.UdockerTraces;
import java.util.Optional;

/// Stores how a container is to be started, and puts right what earlier starts left in it.
public final class SetUpContainer {
    private final Repository repository;
    private final long uid;
    private final DriverCopy driver;

    /// @param uid of the caller
    /// @param driver of this host
    public SetUpContainer(Repository repository, long uid, DriverCopy driver) {
        this.driver = driver;
        this.repository = repository;
        this.uid = uid;
    }

    /// @param mode to store, by udocker's name
    /// @param force also when it is stored already
    /// @param purge remove mount points and bound files that earlier starts left
    /// @param openPermissions make all of the tree the owner's to read and write
    /// @param nvidia copy the driver's files into the tree
    public record Request(
            Container container,
            Optional<String> mode,
            boolean force,
            boolean purge,
            boolean openPermissions,
            boolean nvidia) {
        /// Whether there is anything to do.
        public boolean changes() {
            return mode.isPresent() || purge || openPermissions || nvidia;
        }
    }

    /// What cannot be done is refused before anything is changed.
    ///
    /// Errors: NOT_ALLOWED when it is protected; HOST_UNFIT for what is not available; BAD_INPUT for no mode.
    ///
    /// @return what the user should know, a line at most
    public Optional<String> setUp(Request request) {
        if (!request.changes()) {
            return Optional.empty();
        }
        Container container = request.container();
        String doing = "setting up container " + container.id();
        if (repository.containers().isProtected(container)) {
            throw FaultException.of(
                    Fault.NOT_ALLOWED, doing + ": it is protected", "berth unprotect " + container.id());
        }
        Optional<String> mode = request.mode().map(ContainerMode::parse);
        mode.ifPresent(wanted -> refuseUnlessPossible(doing, StoredMode.of(container.folder()), wanted));
        Optional<String> copied = request.nvidia() ? Optional.of(copyDriver(doing, request)) : Optional.empty();
        if (request.purge()) {
            UdockerTraces.removeMountPoints(container);
            UdockerTraces.restoreFiles(container);
        }
        if (request.openPermissions()) {
            TreePermissions.open(container.root(), uid);
        }
        return mode.flatMap(wanted -> store(container, wanted, request.force())).or(() -> copied);
    }

    private String copyDriver(String doing, Request request) {
        try {
            String copied = driver.copy(request.container().root(), request.force());
            StoredMode.setNvidia(request.container());
            return copied + " are in the container now; on a node with another driver, run shows that node's";
        } catch (FaultException e) {
            throw e.during(doing);
        }
    }

    private static void refuseUnlessPossible(String doing, Optional<String> stored, String wanted) {
        if (stored.filter(ContainerMode::rewritesTree).isPresent()
                && !stored.get().equals(wanted)) {
            throw FaultException.of(
                    Fault.HOST_UNFIT,
                    doing + " for mode " + wanted + ": undoing mode " + stored.get() + " is not available",
                    "use the tool that set it up");
        }
        if (ContainerMode.rewritesTree(wanted) && !stored.equals(Optional.of(wanted))) {
            throw FaultException.of(
                    Fault.HOST_UNFIT,
                    doing + " for mode " + wanted + ": F modes are not available",
                    "use R1, P1 or P2");
        }
    }

    private static Optional<String> store(Container container, String wanted, boolean force) {
        if (StoredMode.of(container.folder()).equals(Optional.of(wanted)) && !force) {
            return Optional.empty();
        }
        UdockerTraces.restoreFiles(container);
        StoredMode.set(container, wanted);
        return ContainerMode.isAvailable(wanted)
                ? Optional.empty()
                : Optional.of("mode " + wanted + " is stored, and not available in this berth");
    }
}
