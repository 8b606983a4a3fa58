package io.berth.container;

import io.berth.image.ImageConfig;
import io.berth.process.DescriptorPolicy;
import io.berth.process.LaunchPlan;
import io.berth.process.Mount;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// For what the container is started. It answers what is done when the user does not say.
///
/// Methods rather than a switch: this is on the path of every `berth run`, and a switch over types makes classes at
/// run time that no AOT cache can hold.
public sealed interface Occasion {
    /// As `--user` takes it.
    String user(ImageConfig image, HostUser caller);

    /// What is shown beside the system's folders.
    List<Mount> mounts();

    String workingDirectory(ImageConfig image, String home);

    /// @param command whether the user gave one
    List<String> entrypoint(ImageConfig image, boolean command);

    DescriptorPolicy descriptors();

    /// Set unless the starter has them.
    SequencedMap<String, String> defaultVariables();

    /// Set whatever the starter has.
    ///
    /// @param user name shown inside
    SequencedMap<String, String> settings(String user, boolean root, Tree tree, HostUser caller);

    Optional<LaunchPlan.Share> share();

    /// Whether something is started even when neither the user nor the image names a command.
    boolean needsCommand();

    /// The variable that tells the program its execution mode.
    Optional<String> modeVariable();

    /// `berth run`: as udocker does it, root inside unless another user is asked for.
    ///
    /// @param names of the container, for the variables that udocker sets
    record Run(String containerId, List<String> names) implements Occasion {
        public Run {
            names = List.copyOf(names);
        }

        @Override
        public String user(ImageConfig image, HostUser caller) {
            return image.user().isBlank() ? "0" : image.user();
        }

        @Override
        public List<Mount> mounts() {
            return List.of();
        }

        @Override
        public String workingDirectory(ImageConfig image, String home) {
            return image.workingDirectory().isBlank() ? home : image.workingDirectory();
        }

        @Override
        public List<String> entrypoint(ImageConfig image, boolean command) {
            return image.entrypoint();
        }

        @Override
        public DescriptorPolicy descriptors() {
            return new DescriptorPolicy.All();
        }

        @Override
        public SequencedMap<String, String> defaultVariables() {
            return new LinkedHashMap<>();
        }

        /// Source: udocker 1.3, "Environment inside".
        @Override
        public SequencedMap<String, String> settings(String user, boolean root, Tree tree, HostUser caller) {
            SequencedMap<String, String> settings = new LinkedHashMap<>();
            settings.put("USERNAME", user);
            settings.put("SHLVL", "0");
            settings.put("container_ruser", caller.name());
            settings.put("container_root", tree.root().toString());
            settings.put("container_uuid", containerId);
            settings.put("container_names", String.join(",", names));
            String prompt = containerId.length() < 8 ? containerId : containerId.substring(0, 8);
            settings.put("PS1", prompt + (root ? "# " : "\\$ "));
            return settings;
        }

        @Override
        public Optional<LaunchPlan.Share> share() {
            return Optional.empty();
        }

        @Override
        public boolean needsCommand() {
            return true;
        }

        @Override
        public Optional<String> modeVariable() {
            return Optional.of("container_execmode");
        }
    }

    /// A step of a batch job: the caller's own id, its launcher's variables and descriptors.
    ///
    /// A step runs the command it names and nothing else, as with other launchers; only a step without a command
    /// runs what the image is for.
    ///
    /// @param folder on the host, shown at the same path; the working directory
    /// @param launcherMounts what the launcher needs inside
    /// @param descriptorVariables that hold the number of a descriptor the launcher passes
    /// @param defaultVariables set unless the launcher or the user sets them
    /// @param share where the step's ranks of this node meet
    record Step(
            String folder,
            List<Mount> launcherMounts,
            List<String> descriptorVariables,
            SequencedMap<String, String> defaultVariables,
            Optional<LaunchPlan.Share> share)
            implements Occasion {
        public Step {
            launcherMounts = List.copyOf(launcherMounts);
            descriptorVariables = List.copyOf(descriptorVariables);
            defaultVariables = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(defaultVariables));
        }

        @Override
        public String user(ImageConfig image, HostUser caller) {
            return Long.toString(caller.uid());
        }

        @Override
        public List<Mount> mounts() {
            List<Mount> mounts = new ArrayList<>(launcherMounts);
            if (!folder.equals("/")) {
                mounts.add(new Mount.Bind(Path.of(folder), folder, false, false));
            }
            return mounts;
        }

        @Override
        public String workingDirectory(ImageConfig image, String home) {
            return folder;
        }

        @Override
        public List<String> entrypoint(ImageConfig image, boolean command) {
            return command ? List.of() : image.entrypoint();
        }

        @Override
        public DescriptorPolicy descriptors() {
            return new DescriptorPolicy.NamedBy(descriptorVariables);
        }

        @Override
        public boolean needsCommand() {
            return false;
        }

        @Override
        public Optional<String> modeVariable() {
            return Optional.empty();
        }

        @Override
        public SequencedMap<String, String> settings(String user, boolean root, Tree tree, HostUser caller) {
            return new LinkedHashMap<>();
        }
    }
}
