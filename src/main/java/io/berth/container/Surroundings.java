package io.berth.container;

/// For whom and where specs are resolved: the same for every start of one berth.
public record Surroundings(HostUser caller, HostAccounts accounts, RunDefaults defaults) {}
