package io.berth.engine;

import java.nio.file.Path;

/// crun or runc on this host.
///
/// @param maker which of the two, as far as its command line goes
public record OciRuntime(Maker maker, Path program) {
    /// Source: udocker 1.3 tells them apart by the name of the file.
    public static OciRuntime named(Path program) {
        boolean crun = String.valueOf(program.getFileName()).contains("crun");
        return new OciRuntime(crun ? Maker.CRUN : Maker.RUNC, program);
    }
}
