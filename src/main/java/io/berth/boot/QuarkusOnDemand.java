package io.berth.boot;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import java.util.concurrent.CompletableFuture;

/// Starts Quarkus beside the command, once, when something needs its container. It ends with the process.
final class QuarkusOnDemand {
    private static final CompletableFuture<Boolean> STARTED = new CompletableFuture<>();

    private QuarkusOnDemand() {}

    /// Returns when Quarkus is up.
    static synchronized void start() {
        if (!STARTED.isDone()) {
            Thread.ofPlatform()
                    .daemon()
                    .name("quarkus")
                    .start(() -> Quarkus.run(Application.class, (_, problem) -> {
                        if (problem != null) {
                            STARTED.completeExceptionally(problem);
                        }
                    }));
            STARTED.join();
        }
    }

    /// Does nothing itself: being up is all that is asked of it.
    public static final class Application implements QuarkusApplication {
        @Override
        public int run(String... args) {
            STARTED.complete(true);
            Quarkus.waitForExit();
            return 0;
        }
    }
}
