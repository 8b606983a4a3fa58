package io.berth.registry.auth;

/// A password or a token. Printed as `***`, so that no message, log or debugger line shows it by accident.
public record Secret(String reveal) {
    @Override
    public String toString() {
        return "***";
    }
}
