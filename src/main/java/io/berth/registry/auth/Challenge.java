package io.berth.registry.auth;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// One way in which a registry lets itself be convinced, from `WWW-Authenticate`.
///
/// Shape: scheme and parameter names in lower case.
/// Source: RFC 9110, section 11.6.1. Read leniently: blanks anywhere, unquoted URLs, a last quote that is missing.
public record Challenge(String scheme, Map<String, String> parameters) {
    private static final String BLANKS = " \t,";

    public Challenge {
        parameters = Map.copyOf(parameters);
    }

    public Optional<String> parameter(String name) {
        return Optional.ofNullable(parameters.get(name));
    }

    /// @param headerValues one per header line; a line may hold several challenges
    public static List<Challenge> parse(List<String> headerValues) {
        List<Challenge> challenges = new ArrayList<>();
        headerValues.forEach(value -> new Reader(value).readInto(challenges));
        return challenges;
    }

    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        void readInto(List<Challenge> challenges) {
            for (skip(BLANKS); at < text.length(); skip(BLANKS)) {
                String scheme = until(BLANKS + "=").toLowerCase(Locale.ROOT);
                challenges.add(new Challenge(scheme, parameters()));
            }
        }

        /// A word before `=` is a parameter; any other word begins the next challenge.
        private Map<String, String> parameters() {
            Map<String, String> parameters = new LinkedHashMap<>();
            while (true) {
                skip(BLANKS);
                int start = at;
                String name = until(BLANKS + "=").toLowerCase(Locale.ROOT);
                skip(" \t");
                if (at >= text.length() || text.charAt(at) != '=') {
                    at = start;
                    return parameters;
                }
                skip("= \t");
                parameters.putIfAbsent(name, value());
            }
        }

        private String value() {
            if (at >= text.length() || text.charAt(at) != '"') {
                return until(BLANKS);
            }
            StringBuilder value = new StringBuilder();
            for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
                if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                    at++;
                }
                value.append(text.charAt(at));
            }
            at = Math.min(at + 1, text.length());
            return value.toString();
        }

        private String until(String ends) {
            int start = at;
            while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
                at++;
            }
            return text.substring(start, at);
        }

        private void skip(String characters) {
            while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }
    }
}
