package io.berth.cli;

import io.berth.app.SearchImages;
import io.berth.app.SearchImages.Found;
import io.berth.image.ImageReference;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// Source: udocker 1.3, `search`, with its columns and its pages.
final class SearchVerb implements Verb {
    private static final int ROWS_AT_ONCE = 100;

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("search", "Search for images, or list the tags of one");
        spec.addOption(Model.flag("do not stop after each page", "-a", "--all"));
        spec.addOption(Model.flag("do not cut long names and descriptions", "--no-trunc"));
        spec.addOption(Model.flag("list the tags of the image", "--list-tags"));
        spec.addOption(Model.flag("print JSON", "--json"));
        RegistryFlags.addTo(spec);
        spec.addPositional(Model.maybe(0, "WORD", "what to look for, or [REGISTRY/]NAME for its tags"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        String word = Model.positional(parsed, 0);
        if (Model.has(parsed, "--list-tags")) {
            tags(word, parsed, session);
        } else {
            images(word, parsed, session);
        }
        return ExitCode.DONE;
    }

    private static void tags(String word, ParseResult parsed, Session session) {
        List<String> tags = session.toolbox().searchImages().tags(ImageReference.parse(word));
        if (Model.has(parsed, "--json")) {
            session.out().println(tags.stream().map(SearchVerb::quoted).collect(Collectors.joining(",", "[", "]")));
        } else {
            tags.forEach(tag -> session.out().println(printable(tag)));
        }
    }

    private static void images(String word, ParseResult parsed, Session session) {
        Terminal terminal = session.toolbox().terminal();
        boolean json = Model.has(parsed, "--json");
        boolean pauses = !json && !Model.has(parsed, "--all") && terminal.isThere();
        int rows = pauses ? Math.max(terminal.lines() - 2, 1) : ROWS_AT_ONCE;
        Optional<Iterator<List<Found>>> pages = session.toolbox()
                .searchImages()
                .find(new SearchImages.Request(
                        word,
                        RegistryFlags.namesIndex(parsed) && !RegistryFlags.namesRegistry(parsed),
                        RegistryFlags.namesRegistry(parsed) && !RegistryFlags.namesIndex(parsed),
                        rows));
        if (pages.isEmpty()) {
            session.notice("it does not answer searches, nor does it list its repositories");
        }
        if (json) {
            session.out().println(json(pages));
        } else {
            print(pages, Model.has(parsed, "--no-trunc"), pauses ? rows : 0, session);
        }
    }

    /// @param rows after how many to ask whether to go on; 0 for never
    private static void print(Optional<Iterator<List<Found>>> pages, boolean whole, int rows, Session session) {
        String form = whole ? "%-55s %8s %-70s %5s" : "%-55.55s %8.8s %-70.70s %5.5s";
        session.out().println(form.formatted("NAME", "OFFICIAL", "DESCRIPTION", "STARS"));
        int shown = 0;
        while (pages.isPresent() && pages.get().hasNext()) {
            for (Found image : pages.get().next()) {
                if (rows > 0 && shown == rows) {
                    session.out().flush();
                    Optional<String> answer = session.toolbox().terminal().ask("[press return or q to quit]", false);
                    if (answer.isEmpty() || answer.get().strip().startsWith("q")) {
                        return;
                    }
                    shown = 0;
                }
                session.out()
                        .println(form.formatted(
                                printable(image.name()),
                                image.official() ? "[OK]" : "----",
                                printable(image.description()),
                                image.stars()));
                shown++;
            }
            session.out().flush();
        }
    }

    private static String json(Optional<Iterator<List<Found>>> pages) {
        List<String> images = new ArrayList<>();
        while (pages.isPresent() && pages.get().hasNext()) {
            for (Found image : pages.get().next()) {
                images.add("{\"name\":%s,\"official\":%s,\"description\":%s,\"stars\":%s}"
                        .formatted(
                                quoted(image.name()),
                                image.official(),
                                quoted(image.description()),
                                image.stars().matches("[0-9]+") ? image.stars() : "null"));
            }
        }
        return "[" + String.join(",", images) + "]";
    }

    /// What an index says must not be obeyed by the terminal.
    private static String printable(String text) {
        return text.replaceAll("[\\p{Cntrl}\\p{Zl}\\p{Zp}]+", " ").strip();
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.chars().forEach(one -> {
            if (one == '"' || one == '\\') {
                quoted.append('\\').append((char) one);
            } else if (one < ' ' || (one > '~' && one < 0xa0)) {
                quoted.append("\\u%04x".formatted(one));
            } else {
                quoted.append((char) one);
            }
        });
        return quoted.append('"').toString();
    }
}
