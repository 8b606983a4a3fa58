package io.berth.fault;

/// What kind of thing went wrong. Decides the hint a message carries, whether a retry may help, and (in `cli`) the
/// exit code.
public enum Fault {
    /// Wrong usage or an unreadable setting.
    BAD_INPUT,
    /// No such image, container, file.
    NOT_FOUND,
    /// Refused by the registry, the file system, or a policy.
    NOT_ALLOWED,
    /// Network or service; a retry may help.
    UNREACHABLE,
    /// Digest, size or format does not fit.
    CORRUPT,
    /// Held by someone else, or waited too long.
    BUSY,
    /// No room left on a device, or over quota.
    NO_SPACE,
    /// This machine lacks what was asked for.
    HOST_UNFIT,
    /// Stopped by a signal; nothing half-made is left.
    INTERRUPTED
}
