package io.berth.device;

import io.berth.container.DeviceWish;
import io.berth.container.Injection;
import io.berth.container.InsideTree;
import io.berth.container.RunChoices;
import io.berth.container.Tree;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.ImageConfig;
import io.berth.process.Mount;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Finds on this host what the wished hardware needs inside. Reads, and changes nothing.
public final class HostDevices {
    private static final String GPU = "nvidia.com/gpu";
    private static final String CAPABILITIES = "NVIDIA_DRIVER_CAPABILITIES";
    /// Beside the GPUs themselves.
    private static final List<String> COMMON = List.of(
            "nvidiactl",
            "nvidia-uvm",
            "nvidia-uvm-tools",
            "nvidia-modeset",
            "nvidia-caps/*",
            "nvidia-caps-imex-channels/*",
            "nvidia-nvswitch*",
            "nvidia-nvlink");

    private static final Found NOTHING = new Found(Injection.none(), List.of(), List.of(), List.of());

    private final Places places;

    public HostDevices(Places places) {
        this.places = places;
    }

    /// @param root of the host; another one than `/` where the driver is installed apart, and in tests
    /// @param libraryFolders that somebody named
    /// @param cdiFolders in rising order of weight
    /// @param classes of devices that are always shown
    /// @param environment the caller's
    public record Places(
            Path root,
            List<String> libraryFolders,
            List<String> cdiFolders,
            List<String> classes,
            Map<String, String> environment) {
        public Places {
            libraryFolders = List.copyOf(libraryFolders);
            cdiFolders = List.copyOf(cdiFolders);
            classes = List.copyOf(classes);
            environment = Map.copyOf(environment);
        }
    }

    /// @param files on which a plan made from this depends
    /// @param lines what is shown and why, and what was not found, a line each
    /// @param notices what the user should know at once
    public record Found(Injection injection, List<Path> files, List<String> lines, List<String> notices) {
        public Found {
            files = List.copyOf(files);
            lines = List.copyOf(lines);
            notices = List.copyOf(notices);
        }
    }

    /// Errors: HOST_UNFIT when what must be there is not, or the image wants a newer driver; NOT_FOUND for a name that
    /// nothing on this host has; BAD_INPUT for words that mean nothing.
    public Found find(RunChoices choices, ImageConfig image, Tree tree) {
        DeviceWish wish = choices.hardware();
        if (wish.equals(DeviceWish.none()) && places.classes().isEmpty()) {
            return NOTHING;
        }
        Finding finding = new Finding();
        InsideTree host = new InsideTree(places.root());
        Set<String> classes = new LinkedHashSet<>(places.classes());
        classes.addAll(wish.classes());
        if (wish.nvidia() != DeviceWish.Nvidia.NO || !wish.cdi().isEmpty()) {
            SaidVariables said = new SaidVariables(choices.variables().set(), places.environment(), image.env());
            new Search(host, said, new Placement(new InsideTree(tree.root()), tree.readOnly()), finding).find(wish);
        }
        DeviceClasses.show(List.copyOf(classes), host, finding);
        return found(finding);
    }

    private static Found found(Finding finding) {
        List<Mount.Bind> mounts = new ArrayList<>();
        finding.shown()
                .forEach(shown -> mounts.add(
                        new Mount.Bind(shown.source(), shown.target(), false, shown.optional(), List.of("cover"))));
        return new Found(
                new Injection(mounts, finding.variables(), finding.libraryFolders(), finding.programFolders()),
                finding.stamped(),
                finding.lines(),
                finding.notices());
    }

    /// One search, for one start.
    private final class Search {
        private final InsideTree host;
        private final SaidVariables said;
        private final Placement placement;
        private final Finding finding;

        Search(InsideTree host, SaidVariables said, Placement placement, Finding finding) {
            this.host = host;
            this.said = said;
            this.placement = placement;
            this.finding = finding;
        }

        void find(DeviceWish wish) {
            CdiRegistry registry = CdiRegistry.read(host, places.cdiFolders());
            List<CdiRegistry.Found> named = new ArrayList<>();
            wish.cdi().forEach(name -> named.addAll(registry.find(name)));
            registry.troubles().forEach(trouble -> finding.say("note", trouble));
            boolean nvidia = wish.nvidia() != DeviceWish.Nvidia.NO
                    && wish.cdi().stream().noneMatch(name -> name.startsWith(GPU + "="));
            VisibleDevices visible = VisibleDevices.of(said);
            said.byUser(VisibleDevices.NAME)
                    .filter(asked -> visible.allocated() && !asked.equals("all"))
                    .ifPresent(asked -> finding.warn(
                            VisibleDevices.NAME + "=" + asked + " is not heeded: GPUs are " + visible.why()));
            if (nvidia && !visible.driver()) {
                finding.say("NVIDIA driver", "not shown: " + visible.why());
                nvidia = false;
            }
            List<CdiRegistry.Found> gpus = nvidia ? cdiGpus(registry, visible) : List.of();
            named.addAll(gpus);
            if (!named.isEmpty()) {
                new CdiEdits(host, placement, finding).apply(named);
            }
            if (nvidia) {
                driver(wish, visible, !gpus.isEmpty());
            }
        }

        /// Empty when no specification speaks of all these GPUs, or the one that does is of another day.
        private List<CdiRegistry.Found> cdiGpus(CdiRegistry registry, VisibleDevices visible) {
            if (!registry.hasKind(GPU)) {
                return List.of();
            }
            Set<String> known = registry.names(GPU);
            List<String> names = visible.named().isEmpty() ? List.of(CdiRegistry.ALL) : visible.named();
            boolean strange = visible.none() || !known.containsAll(visible.named());
            if (strange) {
                finding.say("note", "CDI specifications have none of that name: the driver is looked for");
                return List.of();
            }
            List<CdiRegistry.Found> found = new ArrayList<>();
            names.forEach(name -> found.addAll(registry.find(GPU + "=" + name)));
            Optional<String> stale = CdiEdits.stale(host, found);
            stale.ifPresent(path -> finding.warn("the CDI specification for NVIDIA names " + path
                    + ", which is not here: the driver is looked for instead"));
            return stale.isPresent() ? List.of() : found;
        }

        private void driver(DeviceWish wish, VisibleDevices visible, boolean byCdi) {
            if (byCdi) {
                Optional<DriverVersion> module = NvidiaDriver.module(host);
                module.ifPresent(version -> require(version, NvidiaDriver.models(host)));
                finding.say("GPUs", visible.why());
                return;
            }
            NvidiaDriver driver = NvidiaDriver.find(host, places.libraryFolders());
            if (!driver.isThere() && !driver.loaded()) {
                absent(wish, driver);
                return;
            }
            finding.say(
                    "NVIDIA driver",
                    driver.version().map(DriverVersion::text).orElse("of unknown release") + ": " + driver.why());
            driver.version().ifPresent(version -> require(version, driver.models()));
            new DriverFiles(host, driver, placement, capabilities(), finding).show(said);
            devices(visible);
        }

        private void absent(DeviceWish wish, NvidiaDriver driver) {
            String why =
                    driver.dangling().isEmpty() ? "" : "; " + driver.dangling().getFirst() + " leads nowhere";
            if (wish.nvidia() == DeviceWish.Nvidia.REQUIRED) {
                throw FaultException.of(
                        Fault.HOST_UNFIT,
                        "looking for the NVIDIA driver: neither its kernel module nor libcuda.so is on this node" + why,
                        "go to a node that has a GPU, or leave --nvidia out");
            }
            finding.missing("NVIDIA driver: neither its kernel module nor libcuda.so is on this node" + why);
        }

        private void require(DriverVersion version, List<String> models) {
            new CudaRequirement(version, models).check(said);
        }

        private Set<Capability> capabilities() {
            Optional<String> asked = said.byUser(CAPABILITIES);
            Set<Capability> wanted =
                    Capability.parse(asked.or(() -> said.byImage(CAPABILITIES)).orElse(""), asked.isPresent());
            finding.say(
                    "capabilities",
                    String.join(
                                    ", ",
                                    wanted.stream()
                                            .sorted()
                                            .map(Capability::label)
                                            .toList())
                            + (asked.isPresent()
                                    ? ": asked for"
                                    : said.byImage(CAPABILITIES).isPresent() ? ": the image's" : ": the usual ones"));
            return wanted;
        }

        private void devices(VisibleDevices visible) {
            COMMON.forEach(glob -> show(DeviceClasses.matching(host, glob), "NVIDIA driver"));
            List<Map.Entry<Path, String>> gpus = DeviceClasses.matching(host, "nvidia*").stream()
                    .filter(device -> device.getValue().matches("/dev/nvidia[0-9]+"))
                    .toList();
            finding.say("GPUs", visible.why());
            refuseUnknown(visible, gpus.size());
            boolean some = !visible.allocated()
                    && (visible.none() || !visible.indexes().isEmpty());
            show(
                    gpus.stream()
                            .filter(gpu -> !some
                                    || visible.indexes()
                                            .contains(Integer.parseInt(
                                                    gpu.getValue().substring("/dev/nvidia".length()))))
                            .toList(),
                    "GPU");
            if (gpus.isEmpty()) {
                finding.missing("/dev/nvidia0: no GPU, or its device is not made");
            }
            visible.forCuda(said).ifPresent(list -> {
                finding.set(VisibleDevices.CUDA, list, "the driver shows no others");
                if (!visible.indexes().isEmpty()) {
                    finding.set("CUDA_DEVICE_ORDER", "PCI_BUS_ID", "indexes count so");
                }
            });
        }

        private void refuseUnknown(VisibleDevices visible, int count) {
            visible.indexes().stream()
                    .filter(index -> !visible.allocated() && count > 0 && index >= count)
                    .findFirst()
                    .ifPresent(index -> {
                        throw FaultException.of(
                                Fault.HOST_UNFIT,
                                "showing GPU " + index + ": this node has " + count + " of them, counted from 0",
                                "change " + VisibleDevices.NAME);
                    });
        }

        private void show(List<Map.Entry<Path, String>> devices, String why) {
            devices.forEach(device -> finding.show("device", device.getKey(), device.getValue(), why));
        }
    }
}
