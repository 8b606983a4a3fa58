package io.berth.engine;

/// A feature that this start needs.
///
/// @param what it comes to here, as the end of "MODE cannot ..."
/// @param addition put behind the reason of a mode that cannot; empty for nothing
public record Demand(Feature feature, String what, String addition) {
    public Demand(Feature feature, String what) {
        this(feature, what, "");
    }
}
