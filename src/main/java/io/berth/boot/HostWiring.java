package io.berth.boot;

import io.berth.app.PlanRun;
import io.berth.config.Key;
import io.berth.config.Settings;
import io.berth.container.HostAccounts;
import io.berth.container.RunDefaults;
import io.berth.container.Surroundings;
import io.berth.device.DriverCopy;
import io.berth.device.HostDevices;
import io.berth.engine.EngineOptions;
import io.berth.engine.Engines;
import io.berth.engine.FactsCache;
import io.berth.engine.Fakechroot;
import io.berth.engine.KeptTrials;
import io.berth.engine.Maker;
import io.berth.files.AtomicFile;
import io.berth.files.Evidence;
import io.berth.process.LaunchPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What starts are made of on this host: engines, drivers, who starts, and what is usual here.
///
/// @param evidence takes what was looked at
record HostWiring(FrontVariables front, Map<String, String> environment, Settings settings, Evidence evidence) {
    PlanRun planRun(Path scratch, Optional<Maker> engine) {
        EngineOptions options = engineOptions(scratch, engine);
        evidence.content(options.berthExec());
        evidence.content(Path.of(System.getProperty("java.class.path", "")));
        boolean isNamed = environment.containsKey("USER") || environment.containsKey("LOGNAME");
        if (!isNamed || !environment.containsKey("HOME")) {
            evidence.content(Path.of("/etc/passwd"));
            evidence.content(Path.of("/etc/nsswitch.conf"));
        }
        HostAccounts accounts = new NotedAccounts(new AccountNames(), evidence);
        Surroundings around = new Surroundings(front.caller(), accounts, runDefaults(), evidence);
        return new PlanRun(new FactsCache(options), engines(options), owner(), around, hostDevices());
    }

    private Engines engines(EngineOptions options) {
        return new Engines(
                options,
                new HostSubIds(front.caller(), environment.get("PATH"), evidence),
                new KeptTrials(options.berthExec(), Optional.of(owner()), options.scratch()));
    }

    DriverCopy driverCopy() {
        return new DriverCopy(driverRoot(), driverFolders());
    }

    private Path driverRoot() {
        return Path.of(settings.text(Key.DRIVER_ROOT));
    }

    private List<String> driverFolders() {
        // those that udocker looks in anyway are no reason to doubt the linker
        boolean chosen = !settings.setting(Key.LIB_DIRS_LIST_NVIDIA).source().equals("default");
        List<String> folders = new ArrayList<>(chosen ? settings.words(Key.LIB_DIRS_LIST_NVIDIA) : List.of());
        folders.addAll(List.of(environment.getOrDefault("LD_LIBRARY_PATH", "").split(":", -1)));
        return folders;
    }

    private HostDevices hostDevices() {
        return new HostDevices(new HostDevices.Places(
                driverRoot(),
                driverFolders(),
                settings.words(Key.CDI_SPEC_DIRS),
                settings.words(Key.DEVICE_CLASSES),
                environment));
    }

    private RunDefaults runDefaults() {
        String command = settings.text(Key.CMD).strip();
        // the host's PATH is no PATH of a container, whoever lists it
        List<String> handedOn = settings.words(Key.VALID_HOST_ENV).stream()
                .filter(name -> !name.equals("PATH") && !name.equals("PROOT_TMP_DIR"))
                .toList();
        return new RunDefaults(
                command.isEmpty() ? List.of() : List.of(command.split("\\s+")),
                settings.text(Key.ROOT_PATH),
                settings.words(Key.SYSDIRS_LIST),
                settings.words(Key.DRI_LIST),
                handedOn,
                settings.words(Key.INVALID_HOST_ENV));
    }

    Optional<Fakechroot> fakechroot() {
        return engines().fakechroot();
    }

    EngineOptions engineOptions(Path scratch, Optional<Maker> engine) {
        EngineSearch search = engines();
        return new EngineOptions(
                front.home().resolve("libexec/berth-exec"),
                search.proot(),
                search.fakechroot(),
                search.runtime(engine),
                search.apptainer(),
                search::emulator,
                scratch);
    }

    EngineSearch engines() {
        return new EngineSearch(front.home(), settings, environment.get("PATH"), evidence);
    }

    LaunchPlan.Owner owner() {
        return new LaunchPlan.Owner(front.caller().uid(), kernel("random/boot_id"), node());
    }

    static String node() {
        return kernel("hostname");
    }

    private static String kernel(String key) {
        return AtomicFile.read(Path.of("/proc/sys/kernel", key)).strip();
    }
}
