package io.berth.dist;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `bin/berth` in the hands of an ordinary user who has an environment of his own and nothing else of ours.
///
/// Shape: immutable; each `with` gives another one.
///
/// @param output where standard output and error of the runs go
/// @param asRoot shell words run as root in a new mount namespace before the user enters it; empty for none
/// @param asUser shell words run as the user before berth; empty for none
record Berth(
        Path program,
        Path home,
        Path output,
        Map<String, String> environment,
        Path folder,
        String input,
        String asRoot,
        String asUser) {
    static Berth of(Path program, Path home, Path output) {
        Map<String, String> environment = Map.of(
                "HOME", home.toString(),
                "USER", "sailor",
                "PATH", "/usr/local/bin:/usr/bin:/bin",
                "LC_ALL", "C");
        return new Berth(program, home, output, environment, home, "", "", "");
    }

    Berth with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(environment);
        more.put(name, value);
        return new Berth(program, home, output, more, folder, input, asRoot, asUser);
    }

    Berth program(Path other) {
        return new Berth(other, home, output, environment, folder, input, asRoot, asUser);
    }

    Berth in(Path other) {
        return new Berth(program, home, output, environment, other, input, asRoot, asUser);
    }

    Berth input(String text) {
        return new Berth(program, home, output, environment, folder, text, asRoot, asUser);
    }

    Berth afterRoot(String shell) {
        return new Berth(program, home, output, environment, folder, input, shell, asUser);
    }

    Berth after(String shell) {
        return new Berth(program, home, output, environment, folder, input, asRoot, shell);
    }

    /// The user's repository.
    Path repository() {
        return home.resolve(".udocker");
    }

    Result run(String... words) {
        return start(words).await();
    }

    /// Runs, and fails the test when the status is not 0.
    Result succeed(String... words) {
        return run(words).hasStatus(0);
    }

    /// @return at once; the process is berth itself (or what it became)
    Running start(String... words) {
        List<String> command = new ArrayList<>();
        if (!asRoot.isEmpty()) {
            command.addAll(List.of("unshare", "--mount", "bash", "-ec", asRoot + "\nexec \"$@\"", "bash"));
        }
        String user = String.valueOf(Host.USER);
        command.addAll(List.of("setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--inh-caps=-all", "--"));
        if (!asUser.isEmpty()) {
            command.addAll(List.of("bash", "-ec", asUser + "\nexec \"$@\"", "bash"));
        }
        command.add(program.toString());
        command.addAll(List.of(words));
        return launch(command);
    }

    private Running launch(List<String> command) {
        try {
            Path in = Files.createTempFile(output, "in-", "");
            Files.writeString(in, input);
            Path out = Files.createTempFile(output, "out-", "");
            Path err = Files.createTempFile(output, "err-", "");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectInput(in.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().clear();
            builder.environment().putAll(environment);
            return new Running(command, builder.start(), out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
