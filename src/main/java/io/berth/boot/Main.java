package io.berth.boot;

import io.berth.cli.Cli;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// Entry point. Parses with plain Picocli; no command so far needs Quarkus at run time.
@QuarkusMain
public final class Main {
    private static final Duration CLEAN_UP_LIMIT = Duration.ofSeconds(10);

    private Main() {}

    public static void main(String[] args) {
        StandardOutput output = new StandardOutput();
        PrintStream out = stream(output);
        PrintStream err = stream(new FileOutputStream(FileDescriptor.err));
        cleanUpOnSignal(Thread.currentThread());
        Cli cli = cli(out, err);
        int status = cli.execute(new FrontVariables(System.getenv()).shown(args));
        out.flush();
        if (output.failure().isPresent()) {
            status = cli.outputLost(status, output.failure().get());
        }
        err.flush();
        // System.exit would look up a logger first, which costs several ms
        Runtime.getRuntime().halt(status);
    }

    static Cli cli(PrintStream out, PrintStream err) {
        FrontVariables front = new FrontVariables(System.getenv());
        return new Cli(front.front(), options -> new Wiring(front, System.getenv(), options), out, err);
    }

    /// A signal interrupts the command, which then leaves nothing half-made, says so, and halts.
    static void cleanUpOnSignal(Thread command) {
        Runtime.getRuntime().addShutdownHook(new CleanUp(command));
    }

    /// A class with a name, since a lambda that the training of the cache does not meet is made anew at each start.
    private static final class CleanUp extends Thread {
        private final Thread command;

        CleanUp(Thread command) {
            super("clean-up");
            this.command = command;
        }

        @Override
        public void run() {
            command.interrupt();
            try {
                command.join(CLEAN_UP_LIMIT);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static PrintStream stream(OutputStream bytes) {
        return new PrintStream(new BufferedOutputStream(bytes), false, StandardCharsets.UTF_8);
    }
}
