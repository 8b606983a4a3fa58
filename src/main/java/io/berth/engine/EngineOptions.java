package io.berth.engine;

import java.nio.file.Path;
import java.util.Optional;

/// Where the programs are that make containers.
///
/// @param berthExec our rank launcher, which is also the inner parent in P modes
/// @param proot absent when the host has none
/// @param fakechroot absent when the distribution has none
/// @param scratch a folder on an executable file system for PRoot's own loader
public record EngineOptions(Path berthExec, Optional<Proot> proot, Optional<Fakechroot> fakechroot, Path scratch) {}
