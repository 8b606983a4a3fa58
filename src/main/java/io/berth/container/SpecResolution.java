package io.berth.container;

import io.berth.files.Folders;
import io.berth.image.ImageConfig;
import io.berth.process.DescriptorPolicy;
import io.berth.process.EnvironmentPolicy;
import io.berth.process.Mount;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
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
        Accounts.Identity identity = accounts.identify(wantedUser(), caller);
        SequencedMap<String, Mount> mounts = mounts();
        String home = home(identity, mounts);
        Folders.make(scratch);
        if (accounts.writeInto(scratch, identity, caller, home)) {
            put(mounts, new Mount.Bind(scratch.resolve("passwd"), "/etc/passwd", false, false));
            put(mounts, new Mount.Bind(scratch.resolve("group"), "/etc/group", false, false));
        }
        choices.volumes().forEach(volume -> put(mounts, volume.mount()));
        boolean ownEntrypoint = choices.entrypoint().isPresent();
        List<String> command = choices.command().isEmpty() && !ownEntrypoint ? image.command() : choices.command();
        return new ContainerSpec(
                tree,
                List.copyOf(mounts.values()),
                identity.uid(),
                identity.gid(),
                environment(identity, home),
                descriptors(),
                workingDirectory(home),
                choices.entrypoint().orElseGet(this::imageEntrypoint),
                command.isEmpty() ? defaultCommand() : command,
                share());
    }

    private String wantedUser() {
        return choices.user().filter(user -> !user.isBlank()).orElseGet(() -> switch (occasion) {
            case Occasion.Run _ -> image.user().isBlank() ? "0" : image.user();
            case Occasion.Step _ -> Long.toString(caller.uid());
        });
    }

    private SequencedMap<String, Mount> mounts() {
        SequencedMap<String, Mount> mounts = new LinkedHashMap<>();
        SYSTEM.forEach(path -> put(mounts, Mount.Bind.inPlace(path)));
        if (occasion instanceof Occasion.Step step) {
            step.mounts().forEach(mount -> put(mounts, mount));
            String folder = step.workingDirectory();
            if (!folder.equals("/")) {
                put(mounts, new Mount.Bind(Path.of(folder), folder, false, false));
            }
        }
        return mounts;
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
        switch (occasion) {
            case Occasion.Run run -> udockerVariables(settings, identity, run);
            case Occasion.Step step -> defaults.putAll(step.variables());
        }
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

    /// A variable that the user names is not dropped, whatever it holds.
    private List<String> dropped() {
        return HOST_ONLY.stream().filter(name -> !choices.env().contains(name)).toList();
    }

    private void udockerVariables(SequencedMap<String, String> settings, Accounts.Identity identity, Occasion.Run run) {
        settings.put("USERNAME", identity.name());
        settings.put("SHLVL", "0");
        settings.put("container_ruser", caller.name());
        settings.put("container_root", tree.root().toString());
        settings.put("container_uuid", run.containerId());
        settings.put("container_names", String.join(",", run.names()));
        String prompt = run.containerId().length() < 8
                ? run.containerId()
                : run.containerId().substring(0, 8);
        settings.put("PS1", prompt + (identity.uid() == 0 ? "# " : "\\$ "));
    }

    private DescriptorPolicy descriptors() {
        return switch (occasion) {
            case Occasion.Run _ -> new DescriptorPolicy.All();
            case Occasion.Step step -> new DescriptorPolicy.NamedBy(step.descriptorVariables());
        };
    }

    private String workingDirectory(String home) {
        return choices.workingDirectory().orElseGet(() -> switch (occasion) {
            case Occasion.Run _ -> image.workingDirectory().isBlank() ? home : image.workingDirectory();
            case Occasion.Step step -> step.workingDirectory();
        });
    }

    /// A step runs the command it names and nothing else, as with other launchers; only a step without a command runs
    /// what the image is for.
    private List<String> imageEntrypoint() {
        return occasion instanceof Occasion.Step && !choices.command().isEmpty() ? List.of() : image.entrypoint();
    }

    private List<String> defaultCommand() {
        return switch (occasion) {
            case Occasion.Run _ ->
                image.entrypoint().isEmpty() && choices.entrypoint().isEmpty() ? List.of("/bin/sh") : List.of();
            case Occasion.Step _ -> List.of();
        };
    }

    private Optional<io.berth.process.LaunchPlan.Share> share() {
        return switch (occasion) {
            case Occasion.Run _ -> Optional.empty();
            case Occasion.Step step -> step.share();
        };
    }
}
