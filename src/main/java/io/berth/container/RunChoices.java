package io.berth.container;

import io.berth.process.Mount;
import java.util.List;
import java.util.Optional;

/// What the user asked for; nothing filled in yet.
///
/// @param hardware shown by what it is
public record RunChoices(
        Shown shown, Variables variables, Account account, Program program, EngineWishes wishes, DeviceWish hardware) {

    /// Without any hardware.
    public RunChoices(Shown shown, Variables variables, Account account, Program program, EngineWishes wishes) {
        this(shown, variables, account, program, wishes, DeviceWish.none());
    }

    /// The same with NVIDIA's driver where the host has one.
    public RunChoices withDriverIfPresent() {
        return new RunChoices(shown, variables, account, program, wishes, hardware.withDriverIfPresent());
    }

    /// The same with subordinate ids where that can be, unless more is asked for.
    public RunChoices withSubIdsIfPossible() {
        return wishes.subIds() == SubIdWish.NO
                ? new RunChoices(shown, variables, account, program, wishes.withSubIds(SubIdWish.IF_POSSIBLE), hardware)
                : this;
    }

    /// The same for another user.
    public RunChoices as(String user) {
        Account other = new Account(Optional.of(user), account.files());
        return new RunChoices(shown, variables, other, program, wishes, hardware);
    }

    /// The same with namespaces of its own.
    ///
    /// @param namespaces `net`, `ipc`, `uts`
    public RunChoices unsharing(List<String> namespaces) {
        return new RunChoices(shown, variables, account, program, wishes.unsharing(namespaces), hardware);
    }

    /// Parts of the host inside.
    ///
    /// @param without paths that are taken out of the list of mounts again
    /// @param devices shown even where the host's /dev is not
    /// @param memory empty folders in memory
    /// @param system whether the usual folders and files of the host are shown
    /// @param graphics the host's direct-rendering libraries
    /// @param home the caller's home at its own path, as the home
    public record Shown(
            List<Volume> volumes,
            List<String> without,
            List<Volume> devices,
            List<Mount.Tmpfs> memory,
            boolean system,
            boolean graphics,
            boolean home) {
        public Shown {
            volumes = List.copyOf(volumes);
            without = List.copyOf(without);
            devices = List.copyOf(devices);
            memory = List.copyOf(memory);
        }
    }

    /// @param set `NAME=VALUE`, or `NAME` for the value that the starter has
    /// @param fromFiles the same, of less weight than the image's own
    /// @param whole everything that the starter has
    public record Variables(List<String> set, List<String> fromFiles, boolean whole) {
        public Variables {
            set = List.copyOf(set);
            fromFiles = List.copyOf(fromFiles);
        }
    }

    /// @param user `NAME`, `UID` or either with `:GROUP`
    public record Account(Optional<String> user, AccountFiles files) {}

    /// Whose passwd and group are seen inside.
    public enum AccountFiles {
        /// The container's, with the user added when it lacks him.
        COMPLETED,
        /// The container's, whatever is in them.
        CONTAINER,
        /// The host's, with the user added when they lack him.
        HOST
    }

    /// @param entrypoint present replaces the image's (an empty list: none)
    /// @param command empty: the image's
    /// @param asImageSays whether the image's user, folder, variables, entry point and command count
    public record Program(
            Optional<List<String>> entrypoint,
            List<String> command,
            Optional<String> workingDirectory,
            boolean asImageSays) {
        public Program {
            command = List.copyOf(command);
        }
    }
}
