package io.berth.registry;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One page of a list of names: tags of a repository, or repositories of a registry.
///
/// Source: distribution-spec 1.1, "Listing Tags"; distribution, "Listing Repositories", and its `Link` to the
/// next page.
///
/// @param page what an earlier page led to; none for the first
record ListEndpoint(String doing, String route, String field, Optional<URI> page)
        implements Endpoint<ListEndpoint.Page> {
    private static final int MAX_BYTES = 16 << 20;
    private static final Pattern LINK = Pattern.compile("<([^>]*)>\\s*;[^,]*\\brel=\"?next\\b");

    /// @param next where the next page is; none after the last one
    record Page(List<String> names, Optional<URI> next) {}

    @Override
    public URI at(Location location) {
        return page.orElseGet(() -> location.resource(route));
    }

    @Override
    public Map<String, String> headers() {
        return Map.of("Accept", "application/json");
    }

    @Override
    public Page read(Answer answer) throws IOException {
        JsonNode fields = JsonAnswer.read(answer, MAX_BYTES, doing);
        List<String> names = new ArrayList<>();
        for (JsonNode name : fields.path(field)) {
            names.add(name.asText());
        }
        return new Page(names, next(answer));
    }

    /// A page on another server would be shown our authorization; none of them has one.
    private static Optional<URI> next(Answer answer) {
        Matcher link = LINK.matcher(answer.header("Link").orElse(""));
        try {
            return link.find()
                    ? Optional.of(answer.uri().resolve(link.group(1)))
                            .filter(uri -> uri.getHost() != null && RegistryCaller.maySee(answer.uri(), uri))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
