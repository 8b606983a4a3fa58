package io.berth.engine;

/// A cell of the table: what a mode makes of a feature.
public sealed interface Capability {
    /// As asked for.
    record Can() implements Capability {}

    /// Done, with something that the user should know.
    record CanBut(String note) implements Capability {}

    /// Asking for it is an error before the start.
    ///
    /// @param reason why not, or what to do instead
    record Cannot(String reason) implements Capability {}
}
