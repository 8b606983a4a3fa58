package io.berth.container;

import java.util.List;
import java.util.Optional;

/// What the user asked for; nothing filled in yet.
///
/// @param env `NAME=VALUE`, or `NAME` for the value that the starter has
/// @param entrypoint present replaces the image's (an empty list: none)
/// @param command empty: the image's
public record RunChoices(
        List<Volume> volumes,
        List<String> env,
        Optional<String> workingDirectory,
        Optional<String> user,
        Optional<List<String>> entrypoint,
        List<String> command,
        boolean hostEnvironment) {
    public RunChoices {
        volumes = List.copyOf(volumes);
        env = List.copyOf(env);
        command = List.copyOf(command);
    }
}
