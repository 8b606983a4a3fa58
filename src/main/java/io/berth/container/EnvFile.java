package io.berth.container;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A file of variables, `NAME=VALUE` or `NAME` a line; empty lines and those that begin with `#` mean nothing, as for
/// docker.
public final class EnvFile {
    private EnvFile() {}

    /// Errors: NOT_FOUND; BAD_INPUT for a line without a name.
    public static List<String> read(Path file) {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw FaultException.of(
                    Fault.NOT_FOUND,
                    "reading the variables in " + file + ": there is no such file, or it cannot be read",
                    "check --env-file");
        }
        List<String> lines = AtomicFile.read(file)
                .lines()
                .map(String::stripLeading)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
        for (String line : lines) {
            if (line.startsWith("=")) {
                throw FaultException.badInput(
                        "reading the variables in " + file + ": the line '" + line + "' has no name",
                        "a line is NAME=VALUE, or NAME for the value that you have");
            }
        }
        return lines;
    }
}
