package io.berth.layer;

import java.util.List;

/// What was unpacked.
///
/// @param entries read from all layers, whiteouts included
/// @param bytes written as file contents
/// @param skipped one line a kind, for people, for example `12 device nodes, first dev/console`
public record UnpackReport(long entries, long bytes, List<String> skipped) {
    public UnpackReport {
        skipped = List.copyOf(skipped);
    }
}
