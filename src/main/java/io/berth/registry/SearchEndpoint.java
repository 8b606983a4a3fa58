package io.berth.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;

/// One page of a search.
///
/// Errors: NOT_FOUND when the server speaks another dialect, or none.
record SearchEndpoint(SearchDialect dialect, String expression, int rows, int number)
        implements Endpoint<SearchEndpoint.Page> {
    private static final int MAX_BYTES = 16 << 20;

    record Page(List<FoundImage> images, boolean hasMore) {}

    @Override
    public String doing() {
        return "searching for '" + expression + "'";
    }

    @Override
    public String route() {
        return dialect.resource(expression, rows, number);
    }

    @Override
    public URI at(Location location) {
        return URI.create(location.base() + route());
    }

    @Override
    public Map<String, String> headers() {
        return Map.of("Accept", "application/json");
    }

    @Override
    public Page read(Answer answer) throws IOException {
        JsonNode fields;
        try {
            fields = JsonAnswer.read(answer, MAX_BYTES, doing());
        } catch (FaultException e) {
            throw notSpoken(answer, e);
        }
        if (!dialect.isSpoken(fields)) {
            throw notSpoken(answer, null);
        }
        List<FoundImage> images = dialect.images(fields);
        return new Page(images, !images.isEmpty() && dialect.hasMore(fields, number));
    }

    private FaultException notSpoken(Answer answer, @org.jspecify.annotations.Nullable FaultException cause) {
        String message = doing() + " at " + answer.host() + ": it does not answer searches in this way";
        String hint = "try another index";
        return cause == null
                ? FaultException.of(Fault.NOT_FOUND, message, hint)
                : FaultException.of(Fault.NOT_FOUND, message, hint, cause);
    }
}
