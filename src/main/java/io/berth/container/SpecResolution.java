package io.berth.container;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.Folders;
import io.berth.image.ImageConfig;
import io.berth.process.Mount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// Turns choices into a complete spec: every default is settled here and nowhere else.
public final class SpecResolution {
    private static final String PASSWD = "/etc/passwd";
    private static final String GROUP = "/etc/group";

    private final RunChoices choices;
    private final ImageConfig image;
    private final Tree tree;
    private final HostUser caller;
    private final Surroundings around;
    private final Occasion occasion;
    private final Injection injection;
    private final SequencedMap<String, Mount> mounts = new LinkedHashMap<>();
    private final List<String> notices = new ArrayList<>();

    private SpecResolution(
            RunChoices choices,
            ImageConfig image,
            Tree tree,
            Surroundings around,
            Occasion occasion,
            Injection injection) {
        this.injection = injection;
        this.choices = choices;
        this.image = image;
        this.tree = tree;
        this.caller = around.caller();
        this.around = around;
        this.occasion = occasion;
    }

    /// Without hardware.
    public static ContainerSpec resolve(
            RunChoices choices, ImageConfig image, Tree tree, Surroundings around, Occasion occasion, Path scratch) {
        return resolve(choices, image, tree, around, occasion, scratch, Injection.none());
    }

    /// @param scratch private folder for files made for this start (passwd, group); made when needed
    /// @param injection what the hardware that is wished needs
    public static ContainerSpec resolve(
            RunChoices choices,
            ImageConfig image,
            Tree tree,
            Surroundings around,
            Occasion occasion,
            Path scratch,
            Injection injection) {
        ImageConfig heeded = choices.program().asImageSays() ? image : image.silent();
        return new SpecResolution(choices, heeded, tree, around, occasion, injection).resolve(scratch);
    }

    private ContainerSpec resolve(Path scratch) {
        addMounts();
        Accounts accounts = accounts();
        String wanted =
                choices.account().user().filter(user -> !user.isBlank()).orElseGet(() -> occasion.user(image, caller));
        Accounts.Identity identity = accounts.identify(wanted, caller, around.accounts());
        String home = home(identity);
        completeAccounts(accounts, identity, home, scratch);
        takeOut();
        VariableResolution variables = new VariableResolution(choices.variables(), image, occasion, around, injection);
        List<String> prefix = prefix();
        return new ContainerSpec(
                tree,
                List.copyOf(mounts.values()),
                identity.uid(),
                identity.gid(),
                identity.uid() == caller.uid() && identity.gid() == caller.gid(),
                variables.resolve(identity, home, tree),
                occasion.descriptors(),
                workingDirectory(home),
                prefix,
                command(prefix, variables.searchPath()),
                occasion.share(),
                choices.wishes(),
                notices);
    }

    // --- mounts

    private void addMounts() {
        RunChoices.Shown shown = choices.shown();
        if (shown.system()) {
            around.defaults().system().forEach(path -> put(Mount.Bind.inPlace(path)));
        }
        occasion.mounts().forEach(this::put);
        if (shown.home() && Path.of(caller.home()).getNameCount() > 0) {
            put(new Volume(Path.of(caller.home()), caller.home(), false).mount());
        }
        shown.volumes().forEach(volume -> around.evidence().kind(volume.source()));
        shown.devices().forEach(device -> around.evidence().kind(device.source()));
        if (shown.graphics()) {
            around.defaults().graphics().forEach(path -> around.evidence().kind(Path.of(path)));
            around.defaults().graphics().stream()
                    .filter(path -> Files.isDirectory(Path.of(path)))
                    .forEach(path -> put(Mount.Bind.inPlace(path)));
        }
        injection.mounts().forEach(this::inject);
        shown.volumes().forEach(volume -> put(volume.mount()));
        shown.memory().forEach(this::put);
        shown.devices().forEach(this::addDevice);
    }

    /// A device is there already where the host's /dev is.
    private void inject(Mount.Bind bind) {
        boolean there = bind.target().startsWith("/dev/")
                && bind.target().equals(bind.source().toString())
                && mounts.containsKey("/dev");
        if (!there) {
            put(bind);
        }
    }

    private void addDevice(Volume device) {
        if (Files.isRegularFile(device.source())) {
            throw FaultException.badInput(
                    "showing the device " + device.source() + ": it is an ordinary file",
                    "show it with --volume=" + device.source());
        }
        boolean there = device.target().equals(device.source().toString())
                && mounts.containsKey("/dev")
                && device.target().startsWith("/dev/")
                && Files.exists(device.source());
        if (!there) {
            put(device.mount());
        }
    }

    /// A later mount at one place replaces an earlier one.
    private void put(Mount mount) {
        mounts.remove(mount.target());
        mounts.put(mount.target(), mount);
    }

    private void takeOut() {
        for (String path : choices.shown().without()) {
            Path unwanted = Path.of(path).normalize();
            boolean found = mounts.values()
                    .removeIf(mount -> Path.of(mount.target()).equals(unwanted)
                            || (mount instanceof Mount.Bind bind
                                    && bind.source().equals(unwanted)));
            if (!found) {
                notices.add("--novol=" + path + ": nothing of the host is mounted there");
            }
        }
    }

    // --- accounts

    /// Those in force: what a volume shows counts more than the tree.
    private Accounts accounts() {
        if (choices.account().files() == RunChoices.AccountFiles.HOST) {
            return read(real(PASSWD), real(GROUP));
        }
        return read(inForce(PASSWD), inForce(GROUP));
    }

    private Accounts read(Path passwd, Path group) {
        for (Path file : List.of(passwd, group)) {
            around.evidence().entry(file);
            around.evidence().content(file);
        }
        return Accounts.read(passwd, group);
    }

    private Path inForce(String file) {
        Path own = tree.original(file);
        return coversAccounts() ? view().find(file).orElse(own) : own;
    }

    private Path real(String file) {
        return new InsideView(Path.of("/"), List.of(), around.evidence())
                .find(file)
                .orElse(Path.of(file));
    }

    private boolean coversAccounts() {
        return choices.shown().volumes().stream()
                .anyMatch(volume -> Path.of(PASSWD).startsWith(volume.target())
                        || Path.of(GROUP).startsWith(volume.target()));
    }

    private void completeAccounts(Accounts accounts, Accounts.Identity identity, String home, Path scratch) {
        RunChoices.AccountFiles files = choices.account().files();
        if (files == RunChoices.AccountFiles.CONTAINER || coversAccounts()) {
            return;
        }
        Folders.make(scratch);
        accounts.complete(scratch, identity, caller, home, files == RunChoices.AccountFiles.HOST)
                .ifPresent(completed -> {
                    put(new Mount.Bind(completed.passwd(), PASSWD, false, false));
                    put(new Mount.Bind(completed.group(), GROUP, false, false));
                });
    }

    private String home(Accounts.Identity identity) {
        if (choices.shown().home()) {
            return caller.home();
        }
        if (identity.known() && identity.uid() != caller.uid()) {
            return identity.home();
        }
        Path home = Path.of(caller.home());
        boolean visible = mounts.keySet().stream().anyMatch(home::startsWith);
        return visible ? caller.home() : identity.home();
    }

    // --- program

    private String workingDirectory(String home) {
        Optional<String> asked = choices.program().workingDirectory();
        String folder = asked.orElseGet(() -> occasion.workingDirectory(image, home));
        if (!folder.startsWith("/")) {
            throw FaultException.badInput(
                    "working in '" + folder + "' inside: it is not an absolute path", "begin it with '/'");
        }
        boolean chosen = asked.isPresent() || !folder.equals(home);
        if (!chosen && !view().canEnter(folder)) {
            return "/"; // nobody asked for the home; many small images have none, or it is closed to others
        }
        if (view().hasFolder(folder)) {
            return folder;
        }
        throw FaultException.of(
                Fault.NOT_FOUND,
                "working in " + folder + " inside: the container has no such folder",
                "name another one with --workdir, or mount one there with --volume");
    }

    private List<String> prefix() {
        return choices.program()
                .entrypoint()
                .orElseGet(() ->
                        occasion.entrypoint(image, !choices.program().command().isEmpty()));
    }

    /// Source: udocker 1.3: an entry point that the user gives goes without the image's command.
    private List<String> command(List<String> prefix, String searchPath) {
        if (!choices.program().command().isEmpty()) {
            return choices.program().command();
        }
        boolean own =
                choices.program().entrypoint().filter(words -> !words.isEmpty()).isPresent();
        List<String> command = own ? List.of() : image.command();
        return command.isEmpty() && prefix.isEmpty() ? lastResort(searchPath) : command;
    }

    /// Many small images have no bash.
    private List<String> lastResort(String searchPath) {
        if (!occasion.needsCommand()) {
            return List.of();
        }
        List<String> usual = around.defaults().command();
        List<String> words =
                !usual.isEmpty() && view().hasProgram(usual.getFirst(), searchPath) ? usual : List.of("/bin/sh");
        notices.add("no command is given, and the image has none: starting " + String.join(" ", words));
        return words;
    }

    private InsideView view() {
        return new InsideView(tree.root(), mounts.values(), around.evidence());
    }
}
