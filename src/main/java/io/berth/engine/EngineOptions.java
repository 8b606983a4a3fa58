package io.berth.engine;

import java.nio.file.Path;
import java.util.Optional;

/// Where the programs are that make containers.
///
/// @param berthExec our rank launcher, which is also the inner parent in P modes
/// @param proot absent when the host has none
/// @param fakechroot absent when the distribution has none
/// @param runtime that makes R1's namespaces; absent for our own launcher
/// @param apptainer Apptainer or Singularity; absent when the host has none
/// @param emulators of other processors, for P and R modes
/// @param scratch a folder on an executable file system for PRoot's own loader
public record EngineOptions(
        Path berthExec,
        Optional<Proot> proot,
        Optional<Fakechroot> fakechroot,
        Optional<OciRuntime> runtime,
        Optional<Path> apptainer,
        Emulators emulators,
        Path scratch) {
    /// R1 by our own launcher, no F modes, and no Apptainer.
    public EngineOptions(Path berthExec, Optional<Proot> proot, Path scratch) {
        this(berthExec, proot, Optional.empty(), Optional.empty(), Optional.empty(), Emulators.none(), scratch);
    }
}
