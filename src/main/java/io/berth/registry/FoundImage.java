package io.berth.registry;

/// One result of a search, as the index gave it.
///
/// @param stars as digits, empty when the index counts none
public record FoundImage(String name, boolean official, String description, String stars) {}
