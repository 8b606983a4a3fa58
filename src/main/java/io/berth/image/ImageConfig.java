package io.berth.image;

import java.util.List;

/// What an image says of the program it holds.
///
/// Shape: empty lists and strings where the image is silent; `env` entries are `NAME=VALUE`, in the image's order.
/// Source: OCI image-spec 1.1, config.md, "config".
public record ImageConfig(
        Platform platform,
        List<String> env,
        List<String> entrypoint,
        List<String> command,
        String workingDirectory,
        String user,
        List<Digest> diffIdsOldestFirst) {
    public ImageConfig {
        env = List.copyOf(env);
        entrypoint = List.copyOf(entrypoint);
        command = List.copyOf(command);
        diffIdsOldestFirst = List.copyOf(diffIdsOldestFirst);
    }

    /// The same image, saying nothing of how it is to be run.
    public ImageConfig silent() {
        return new ImageConfig(platform, List.of(), List.of(), List.of(), "", "", diffIdsOldestFirst);
    }
}
