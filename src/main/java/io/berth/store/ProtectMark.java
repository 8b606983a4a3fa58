package io.berth.store;

import io.berth.fault.FaultException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The empty file `PROTECT` in the folder of an image or a container.
final class ProtectMark {
    private static final String NAME = "PROTECT";

    private ProtectMark() {}

    static boolean isOn(Path folder) {
        return Files.exists(folder.resolve(NAME));
    }

    /// Setting what is set is fine.
    static void set(Path folder, boolean on) {
        Path mark = folder.resolve(NAME);
        try {
            if (on) {
                Files.createFile(mark);
            } else {
                Files.deleteIfExists(mark);
            }
        } catch (FileAlreadyExistsException e) {
            // it is protected, which was wanted
        } catch (IOException e) {
            throw FaultException.io((on ? "protecting " : "unprotecting ") + folder, e);
        }
    }
}
