package io.berth.container;

import io.berth.files.Folders;
import io.berth.image.ImageConfig;
import io.berth.process.EnvironmentPolicy;
import io.berth.process.Mount;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Turns choices into a complete spec: every default is settled here and nowhere else.
public final class SpecResolution {
    private static final String ROOT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final List<String> SYSTEM =
            List.of("/dev", "/proc", "/sys", "/etc/resolv.conf", "/etc/host.conf", "/lib/modules");
    /// Never handed on with the whole host environment: they name files of the host.
    private static final List<String> HOST_ONLY = List.of("LD_*", "VTE_VERSION", "PATH", "HOME", "BERTH_FRONT_*");

    private final RunChoices choices;
    private final ImageConfig image;
    private final Tree tree;
    private final HostUser caller;
    private final Occasion occasion;

    private SpecResolution(RunChoices choices, ImageConfig image, Tree tree, HostUser caller, Occasion occasion) {
        this.choices = choices;
        this.image = image;
        this.tree = tree;
        this.caller = caller;
        this.occasion = occasion;
    }

    /// @param scratch private folder for files made for this start (passwd, group); made when needed
    public static ContainerSpec resolve(
            RunChoices choices, ImageConfig image, Tree tree, HostUser caller, Occasion occasion, Path scratch) {
        return new SpecResolution(choices, image, tree, caller, occasion).resolve(scratch);
    }

    private ContainerSpec resolve(Path scratch) {
        Accounts accounts = Accounts.read(tree.root());
        String wanted = choices.user().filter(user -> !user.isBlank()).orElseGet(() -> occasion.user(image, caller));
        Accounts.Identity identity = accounts.identify(wanted, caller);
        SequencedMap<String, Mount> mounts = new LinkedHashMap<>();
        SYSTEM.forEach(path -> put(mounts, Mount.Bind.inPlace(path)));
        occasion.mounts().forEach(mount -> put(mounts, mount));
        String home = home(identity, mounts);
        Folders.make(scratch);
        if (accounts.writeInto(scratch, identity, caller, home)) {
            put(mounts, new Mount.Bind(scratch.resolve("passwd"), "/etc/passwd", false, false));
            put(mounts, new Mount.Bind(scratch.resolve("group"), "/etc/group", false, false));
        }
        choices.volumes().forEach(volume -> put(mounts, volume.mount()));
        List<String> prefix = prefix();
        return new ContainerSpec(
                tree,
                List.copyOf(mounts.values()),
                identity.uid(),
                identity.gid(),
                environment(identity, home),
                occasion.descriptors(),
                choices.workingDirectory().orElseGet(() -> occasion.workingDirectory(image, home)),
                prefix,
                command(prefix),
                occasion.share());
    }

    private List<String> prefix() {
        return choices.entrypoint()
                .orElseGet(() -> occasion.entrypoint(image, !choices.command().isEmpty()));
    }

    /// Source: udocker 1.3: an entry point that the user gives goes without the image's command.
    private List<String> command(List<String> prefix) {
        if (!choices.command().isEmpty()) {
            return choices.command();
        }
        boolean own = choices.entrypoint().filter(words -> !words.isEmpty()).isPresent();
        List<String> command = own ? List.of() : image.command();
        return command.isEmpty() && prefix.isEmpty() ? occasion.lastResort() : command;
    }

    /// A later mount at one place replaces an earlier one.
    private static void put(SequencedMap<String, Mount> mounts, Mount mount) {
        mounts.remove(mount.target());
        mounts.put(mount.target(), mount);
    }

    private String home(Accounts.Identity identity, SequencedMap<String, Mount> mounts) {
        if (identity.known() && identity.uid() != caller.uid()) {
            return identity.home();
        }
        Path home = Path.of(caller.home());
        boolean visible = mounts.keySet().stream().anyMatch(target -> home.startsWith(target))
                || choices.volumes().stream().anyMatch(volume -> home.startsWith(volume.target()));
        return visible ? caller.home() : identity.home();
    }

    private EnvironmentPolicy environment(Accounts.Identity identity, String home) {
        List<String> keep = new ArrayList<>(choices.hostEnvironment() ? List.of("*") : JobVariables.GLOBS);
        SequencedMap<String, String> defaults = new LinkedHashMap<>();
        SequencedMap<String, String> settings = new LinkedHashMap<>();
        settings.put("PATH", ROOT_PATH);
        settings.put("HOME", home);
        settings.put("USER", identity.name());
        settings.put("LOGNAME", identity.name());
        settings.putAll(occasion.settings(identity.name(), identity.uid() == 0, tree, caller));
        defaults.putAll(occasion.defaultVariables());
        for (String entry : image.env()) {
            int equals = entry.indexOf('=');
            if (equals > 0) {
                String name = entry.substring(0, equals);
                (JobVariables.covers(name) ? defaults : settings).put(name, entry.substring(equals + 1));
            }
        }
        for (String entry : choices.env()) {
            int equals = entry.indexOf('=');
            if (equals > 0) {
                defaults.remove(entry.substring(0, equals));
                settings.put(entry.substring(0, equals), entry.substring(equals + 1));
            } else if (equals < 0) {
                keep.add(entry);
                settings.remove(entry);
            }
        }
        return new EnvironmentPolicy(keep, choices.hostEnvironment() ? dropped() : List.of(), defaults, settings);
    }

    /// What the user names is not dropped; one that a glob covers must be given with its value.
    private List<String> dropped() {
        return HOST_ONLY.stream().filter(name -> !choices.env().contains(name)).toList();
    }
}
