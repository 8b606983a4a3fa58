package io.berth.registry;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The ways in which indexes and registries let themselves be searched.
///
/// Source: udocker 1.3 for the first two, as Docker Hub and older registries speak them; quay.io's own interface.
enum SearchDialect {
    V2("/v2/search/repositories?query=%s&page_size=%d&page=%d"),
    V1("/v1/search?q=%s&n=%d&page=%d"),
    QUAY("/api/v1/find/repositories?query=%s&limit=%d&page=%d");

    private final String form;

    SearchDialect(String form) {
        this.form = form;
    }

    String resource(String expression, int rows, int page) {
        return form.formatted(URLEncoder.encode(expression, StandardCharsets.UTF_8), rows, page);
    }

    /// Whether this is an answer to a search at all.
    boolean isSpoken(JsonNode answer) {
        return answer.path("results").isArray();
    }

    boolean hasMore(JsonNode answer, int page) {
        return switch (this) {
            case V2 ->
                !answer.path("next").asText("").isEmpty()
                        && !answer.path("next").isNull();
            case V1 -> page < answer.path("num_pages").asInt(1);
            case QUAY -> answer.path("has_additional").asBoolean(false);
        };
    }

    List<FoundImage> images(JsonNode answer) {
        List<FoundImage> images = new ArrayList<>();
        for (JsonNode one : answer.path("results")) {
            images.add(new FoundImage(
                    name(one),
                    one.path("is_official").asBoolean(false),
                    text(one, "description", "short_description"),
                    number(one, "star_count", "stars")));
        }
        return images;
    }

    private static String name(JsonNode one) {
        String name = text(one, "name", "repo_name");
        JsonNode space = one.path("namespace");
        String owner = space.isObject() ? space.path("name").asText("") : "";
        return owner.isEmpty() ? name : owner + "/" + name;
    }

    private static String text(JsonNode one, String field, String other) {
        String first = one.path(field).isTextual() ? one.path(field).asText() : "";
        return first.isEmpty() && one.path(other).isTextual() ? one.path(other).asText() : first;
    }

    private static String number(JsonNode one, String field, String other) {
        JsonNode first = one.path(field);
        return first.isNumber()
                ? first.asText()
                : one.path(other).isNumber() ? one.path(other).asText() : "";
    }
}
