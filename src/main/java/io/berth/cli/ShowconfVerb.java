package io.berth.cli;

import io.berth.config.Setting;
import io.berth.config.Settings;
import io.berth.image.json.JsonText;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// Source: udocker 1.3 for the form; where each value came from is ours.
final class ShowconfVerb implements Verb {
    private static final String RULE = "-".repeat(80);

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("showconf", "Show all settings, and where each came from");
        spec.addOption(Model.flag("as JSON", "--json"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        Settings settings = session.toolbox().settings();
        if (Model.has(parsed, "--json")) {
            Map<String, Object> all = new LinkedHashMap<>();
            settings.all().forEach(setting -> all.put(setting.key().label(), json(setting)));
            session.out().println(JsonText.of(all));
            return ExitCode.DONE;
        }
        session.out().println(RULE);
        session.out().println("\t\tConfiguration options");
        for (Setting setting : settings.all()) {
            session.out().println(setting.key().label() + " = " + setting.shown() + "  (" + setting.source() + ")");
        }
        session.out().println(RULE);
        return ExitCode.DONE;
    }

    private static Map<String, Object> json(Setting setting) {
        Map<String, Object> json = new HashMap<>();
        json.put("value", setting.plain());
        json.put("source", setting.source());
        return json;
    }

    @Override
    public boolean isHarmless() {
        return true;
    }
}
