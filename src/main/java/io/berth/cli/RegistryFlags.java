package io.berth.cli;

import java.util.List;
import java.util.SequencedMap;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// Options of all commands that ask registries. They are settings: said after a command, they win over the same
/// before it.
final class RegistryFlags {
    private static final String INDEX = "--index";
    private static final String REGISTRY = "--registry";
    private static final String PROXY = "--httpproxy";
    private static final String INSECURE = "--insecure";

    private RegistryFlags() {}

    static void addTo(CommandSpec spec) {
        spec.addOption(Model.value("URL", "the index to search (default: Docker Hub's)", INDEX));
        spec.addOption(Model.value("URL", "the registry for names without one (default: Docker Hub)", REGISTRY));
        spec.addOption(Model.value(
                "PROXY", "[SCHEME://][USER:PASSWORD@]HOST:PORT; http, https, socks4, socks4a, socks5, socks5h", PROXY));
        spec.addOption(Model.flag("do not verify TLS certificates", INSECURE));
    }

    /// @param levels from the outermost command to the one that runs
    static void putInto(SequencedMap<String, String> settings, List<ParseResult> levels) {
        for (ParseResult level : levels) {
            Model.text(level, REGISTRY).ifPresent(value -> settings.put("registry", value));
            Model.text(level, INDEX).ifPresent(value -> settings.put("dockerio_index_url", value));
            Model.text(level, PROXY).ifPresent(value -> settings.put("http_proxy", value));
            if (Model.has(level, INSECURE)) {
                settings.put("insecure", "yes");
            }
        }
    }

    static boolean namesIndex(ParseResult parsed) {
        return Model.has(parsed, INDEX);
    }

    static boolean namesRegistry(ParseResult parsed) {
        return Model.has(parsed, REGISTRY);
    }
}
