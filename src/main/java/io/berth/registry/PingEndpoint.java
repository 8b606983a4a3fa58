package io.berth.registry;

import java.util.Map;

/// Asks whether a registry lets us in.
///
/// Source: distribution-spec 1.1, "Determining Support".
record PingEndpoint() implements Endpoint<Integer> {
    @Override
    public String doing() {
        return "logging in";
    }

    @Override
    public String route() {
        return "";
    }

    @Override
    public Map<String, String> headers() {
        return Map.of();
    }

    @Override
    public Integer read(Answer answer) {
        int status = answer.status();
        answer.close();
        return status;
    }
}
