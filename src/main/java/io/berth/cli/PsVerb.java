package io.berth.cli;

import io.berth.app.ContainerMode;
import io.berth.fault.FaultException;
import io.berth.image.json.JsonText;
import io.berth.image.json.ManifestJson;
import io.berth.store.Container;
import io.berth.store.ContainerEntry;
import io.berth.store.ContainerStore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// Source: udocker 1.3, "Listings".
final class PsVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("ps", "List the containers in the repository");
        spec.addOption(Model.flag("with their execution modes", "-m"));
        spec.addOption(Model.flag("with their sizes in MB", "-s"));
        spec.addOption(Model.flag("with their platforms", "-p"));
        spec.addOption(Model.flag("do not cut lines at the width of the terminal", "--no-trunc"));
        spec.addOption(Model.flag("as JSON", "--json"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        ContainerStore containers = Lookup.containers(session);
        boolean mode = Model.has(parsed, "-m");
        boolean size = Model.has(parsed, "-s");
        boolean platform = Model.has(parsed, "-p");
        if (Model.has(parsed, "--json")) {
            List<Map<String, Object>> rows = containers.entries().stream()
                    .map(entry -> json(entry, size, session))
                    .toList();
            session.out().println(JsonText.of(rows));
            return ExitCode.DONE;
        }
        Rows rows = new Rows(session, Model.has(parsed, "--no-trunc"));
        rows.print(Rows.padded("CONTAINER ID", 36) + " P M" + (mode ? " MOD" : "") + (size ? " SIZE" : "")
                + (platform ? " " + Rows.padded("PLATFORM", 18) : "") + " " + Rows.padded("NAMES", 18) + " "
                + Rows.padded("IMAGE", 20));
        for (ContainerEntry entry : containers.entries()) {
            rows.print(Rows.padded(entry.id(), 36) + " " + (entry.isProtected() ? "P" : ".") + " " + entry.state()
                    + (mode ? " " + Rows.padded(mode(entry, session), 2) : "")
                    + (size ? " " + sized(containers.megabytes(entry)) : "")
                    + (platform ? " " + Rows.padded(platform(entry, containers), 18) : "") + " "
                    + Rows.padded(names(entry.names()), 18) + " " + Rows.padded(entry.image(), 20));
        }
        return ExitCode.DONE;
    }

    private static Map<String, Object> json(ContainerEntry entry, boolean size, Session session) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", entry.id());
        json.put("names", entry.names());
        json.put("image", entry.image());
        json.put("protected", entry.isProtected());
        json.put("state", String.valueOf(entry.state()));
        json.put("mode", mode(entry, session));
        json.put("platform", platform(entry, Lookup.containers(session)));
        if (size) {
            json.put("megabytes", Lookup.containers(session).megabytes(entry));
        }
        return json;
    }

    private static String mode(ContainerEntry entry, Session session) {
        return ContainerMode.shown(entry.folder(), session.toolbox().usualMode());
    }

    private static String sized(long megabytes) {
        String text = Long.toString(megabytes);
        return " ".repeat(Math.max(0, 5 - text.length())) + text;
    }

    /// A container that cannot be read is listed all the same.
    private static String platform(ContainerEntry entry, ContainerStore containers) {
        try {
            return containers
                    .find(entry.id())
                    .map(Container::configJson)
                    .map(config -> ManifestJson.config(config).platform().toString())
                    .orElse("unknown/unknown");
        } catch (FaultException e) {
            return "unknown/unknown";
        }
    }

    /// A list as Python prints it.
    private static String names(List<String> names) {
        return names.isEmpty() ? "" : "['" + String.join("', '", names) + "']";
    }
}
