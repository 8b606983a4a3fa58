package io.berth.container;

import io.berth.files.Evidence;

/// For whom and where specs are resolved: the same for every start of one berth.
///
/// @param evidence takes what is looked at
public record Surroundings(HostUser caller, HostAccounts accounts, RunDefaults defaults, Evidence evidence) {
    /// For specs that nobody repeats.
    public Surroundings(HostUser caller, HostAccounts accounts, RunDefaults defaults) {
        this(caller, accounts, defaults, Evidence.unwanted());
    }
}
