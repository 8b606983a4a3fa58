package io.berth.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/// What the distribution ships about its own commands, made from them.
public final class Reference {
    private Reference() {}

    /// Texts by their place below `share`.
    public static Map<String, String> files(String version) {
        Grammar program = Grammar.of(Cli.model("berth"));
        CompletionScripts completion = new CompletionScripts(program);
        Map<String, String> files = new LinkedHashMap<>();
        files.put("bash-completion/completions/berth", completion.of("bash"));
        files.put("zsh/site-functions/_berth", completion.of("zsh"));
        files.put("fish/vendor_completions.d/berth.fish", completion.of("fish"));
        new ManualPages(program, version).all().forEach((name, page) -> files.put("man/man1/" + name, page));
        for (String name : List.of("berth", "udocker")) {
            addHelp("help/" + name, Cli.model(name), files);
        }
        return files;
    }

    /// The front prints these without Java (src/main/c/berth/help.c).
    private static void addHelp(String place, CommandLine command, Map<String, String> files) {
        files.put(place, command.getUsageMessage());
        command.getSubcommands().forEach((word, below) -> addHelp(place + "." + word, below, files));
    }
}
