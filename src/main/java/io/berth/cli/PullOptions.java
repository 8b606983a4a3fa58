package io.berth.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// Where an image is fetched from, for the commands that may fetch one. They stand for settings of the same name.
final class PullOptions {
    private PullOptions() {}

    static void addTo(CommandSpec spec) {
        spec.addOption(Model.value("URL", "registry to fetch from", "--registry"));
        spec.addOption(Model.value("URL", "index of that registry", "--index"));
        spec.addOption(Model.value("URL", "proxy to fetch through", "--httpproxy"));
    }

    /// @return settings by key
    static SequencedMap<String, String> read(ParseResult parsed) {
        SequencedMap<String, String> settings = new LinkedHashMap<>();
        for (List<String> pair : List.of(
                List.of("--registry", "registry"),
                List.of("--index", "dockerio_index_url"),
                List.of("--httpproxy", "http_proxy"))) {
            Model.text(parsed, pair.getFirst()).ifPresent(value -> settings.put(pair.getLast(), value));
        }
        return settings;
    }
}
