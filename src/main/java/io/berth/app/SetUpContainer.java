package io.berth.app;

import io.berth.device.DriverCopy;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.Folders;
import io.berth.files.TreePermissions;
import io.berth.process.LaunchPlan;
import io.berth.process.RunRecords;
import io.berth.ready.Patchelf;
import io.berth.ready.ReadyContainer;
import io.berth.ready.UdockerPrepared;
import io.berth.ready.VolumeLinks;
import io.berth.store.Container;
import io.berth.store.Repository;
import io.berth.store.StoredMode;
import io.berth.store.UdockerTraces;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Stores how a container is to be started, and puts right what earlier starts left in it.
public final class SetUpContainer {
    private final Repository repository;
    private final LaunchPlan.Owner caller;
    private final Optional<Patchelf> patchelf;
    private final DriverCopy driver;

    /// @param patchelf for modes F3 and F4, and to undo what others made for them
    /// @param driver of this host
    public SetUpContainer(Repository repository, LaunchPlan.Owner caller, Optional<Path> patchelf, DriverCopy driver) {
        this.driver = driver;
        this.repository = repository;
        this.caller = caller;
        this.patchelf = patchelf.map(Patchelf::new);
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
    /// @return what the user should know, a line each
    public List<String> setUp(Request request) {
        if (!request.changes()) {
            return List.of();
        }
        Container container = request.container();
        String doing = "setting up container " + container.id();
        if (repository.containers().isProtected(container)) {
            throw FaultException.of(
                    Fault.NOT_ALLOWED, doing + ": it is protected", "berth unprotect " + container.id());
        }
        Optional<String> mode = request.mode().map(ContainerMode::parse);
        if (RunRecords.of(container.folder(), caller).mayRun()
                && mode.filter(wanted -> changesTree(container, wanted, request.force()))
                        .isPresent()) {
            throw FaultException.of(
                    Fault.BUSY, doing + ": it is running, and its files would change", "wait until it has ended");
        }
        List<String> notices = new ArrayList<>();
        if (request.nvidia()) {
            notices.add(copyDriver(doing, request));
        }
        if (request.purge()) {
            UdockerTraces.removeMountPoints(container);
            UdockerTraces.restoreFiles(container);
        }
        if (request.openPermissions()) {
            TreePermissions.open(container.root(), caller.uid());
        }
        mode.ifPresent(wanted -> notices.addAll(store(container, wanted, request.force())));
        return notices;
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

    private static boolean changesTree(Container container, String wanted, boolean force) {
        Optional<String> stored = StoredMode.of(container.folder());
        boolean changes = force || !stored.equals(Optional.of(wanted));
        return changes
                && (ContainerMode.rewritesTree(wanted)
                        || stored.filter(ContainerMode::rewritesTree).isPresent());
    }

    /// The tree first: an interruption leaves the old mode, and a mark that says so.
    private List<String> store(Container container, String wanted, boolean force) {
        ReadyContainer ready = new ReadyContainer(container.folder());
        Optional<String> stored = StoredMode.of(container.folder());
        if (stored.equals(Optional.of(wanted)) && !force && !ready.isInterrupted()) {
            return List.of();
        }
        UdockerTraces.restoreFiles(container);
        new VolumeLinks(container.folder()).clear();
        List<String> notices = new ArrayList<>();
        if (stored.filter(ContainerMode::rewritesTree).isPresent() && !ready.isOurs() && !ready.isInterrupted()) {
            notices.addAll(new UdockerPrepared(container.folder(), patchelf).undo(false));
        }
        if (ContainerMode.rewritesTree(wanted)) {
            notices.addAll(ready.prepare(wanted, Folders.real(container.folder()), patchelf));
        } else {
            ready.restore();
            if (stored.equals(Optional.of("F4"))) {
                // programs that came later and were changed when they started
                notices.addAll(new UdockerPrepared(container.folder(), patchelf).undo(true));
            }
        }
        StoredMode.set(container, wanted);
        return notices;
    }
}
