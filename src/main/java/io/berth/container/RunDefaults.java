package io.berth.container;

import java.util.List;

/// What holds for every run unless the user says otherwise; an administrator may set it.
///
/// @param command when neither the user nor the image names one
/// @param searchPath when the image sets no PATH
/// @param system folders and files of the host that are shown
/// @param graphics the same for `--dri`
/// @param handedOn names or globs of variables that always pass, beside those of batch systems
/// @param neverHandedOn not even with the whole environment, unless named
public record RunDefaults(
        List<String> command,
        String searchPath,
        List<String> system,
        List<String> graphics,
        List<String> handedOn,
        List<String> neverHandedOn) {
    public RunDefaults {
        command = List.copyOf(command);
        system = List.copyOf(system);
        graphics = List.copyOf(graphics);
        handedOn = List.copyOf(handedOn);
        neverHandedOn = List.copyOf(neverHandedOn);
    }

    /// Source: udocker 1.3: `cmd`, `sysdirs_list`, `dri_list`, `invalid_host_env`.
    public static RunDefaults usual() {
        return new RunDefaults(
                List.of("bash", "-i"),
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                List.of("/dev", "/proc", "/sys", "/etc/resolv.conf", "/etc/host.conf", "/lib/modules"),
                List.of("/usr/lib64/dri", "/lib64/dri", "/usr/lib/dri", "/lib/dri", "/usr/lib/x86_64-linux-gnu/dri"),
                List.of(),
                List.of("VTE_VERSION"));
    }
}
