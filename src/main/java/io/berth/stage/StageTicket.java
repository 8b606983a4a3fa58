package io.berth.stage;

import io.berth.files.LockFile;

/// Permission to do the next thing with a step's folder.
public sealed interface StageTicket {
    StepFolder step();

    /// Someone has made it: use it.
    record Ready(StepFolder step) implements StageTicket {}

    /// Make it, then [NodeStage#publish]. The lease dies with the process.
    record Owner(StepFolder step, LockFile lease) implements StageTicket, AutoCloseable {
        @Override
        public void close() {
            lease.close();
        }
    }
}
