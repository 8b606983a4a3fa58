package io.berth.container;

/// Whether a container has users and groups besides one: subordinate ids of the host.
public enum SubIdWish {
    NO,
    /// Where the host gives any and the mode can.
    IF_POSSIBLE,
    REQUIRED
}
