package io.berth.stage;

import java.nio.file.Path;
import java.time.Duration;

/// What a site may set about node-local repositories.
///
/// @param nodeDirectory on each node's own disk; the same path on all nodes
/// @param patience how long a process waits for another that stages the same thing
public record StageOptions(Path nodeDirectory, Duration patience) {}
