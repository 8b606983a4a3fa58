package io.berth.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/// Short words for picocli's model, so that a command reads like its own help.
final class Model {
    private Model() {}

    /// The whole program; `-h` is its alone, since commands may use it otherwise.
    static CommandSpec root(String name, String description) {
        return command(name, description, "-h", "--help");
    }

    static CommandSpec command(String name, String description) {
        return command(name, description, "--help");
    }

    private static CommandSpec command(String name, String description, String... help) {
        CommandSpec spec = CommandSpec.create().name(name);
        spec.usageMessage().description(description).abbreviateSynopsis(true);
        spec.addOption(OptionSpec.builder(help)
                .type(boolean.class)
                .usageHelp(true)
                .description("show this help")
                .build());
        return spec;
    }

    static OptionSpec flag(String description, String... names) {
        return OptionSpec.builder(names)
                .type(boolean.class)
                .description(description)
                .build();
    }

    static OptionSpec value(String label, String description, String... names) {
        return OptionSpec.builder(names)
                .type(String.class)
                .paramLabel(label)
                .description(description)
                .build();
    }

    /// One of few words, which completion offers.
    static OptionSpec choice(String label, String description, List<String> words, String... names) {
        return OptionSpec.builder(value(label, description, names))
                .completionCandidates(words)
                .build();
    }

    static OptionSpec values(String label, String description, String... names) {
        return OptionSpec.builder(names)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .arity("1")
                .paramLabel(label)
                .description(description)
                .build();
    }

    static PositionalParamSpec one(String label, String description) {
        return at(0, label, description);
    }

    /// One of few words, which completion offers.
    static PositionalParamSpec choice(String label, String description, List<String> words) {
        return PositionalParamSpec.builder(one(label, description))
                .completionCandidates(words)
                .build();
    }

    /// The only positional, which may be left out.
    static PositionalParamSpec optional(String label, String description) {
        return maybe(0, label, description);
    }

    /// One word that must be there, after others or after an option.
    static PositionalParamSpec at(int index, String label, String description) {
        return word(index, "1", label, description);
    }

    /// One word that need not be there.
    static PositionalParamSpec maybe(int index, String label, String description) {
        return word(index, "0..1", label, description);
    }

    private static PositionalParamSpec word(int index, String arity, String label, String description) {
        return PositionalParamSpec.builder()
                .index(Integer.toString(index))
                .arity(arity)
                .required(!arity.startsWith("0"))
                .type(String.class)
                .paramLabel(label)
                .description(description)
                .build();
    }

    /// All positionals, at least one.
    static PositionalParamSpec several(String label, String description) {
        return PositionalParamSpec.builder()
                .index("0..*")
                .arity("1..*")
                .required(true)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .paramLabel(label)
                .description(description)
                .build();
    }

    static PositionalParamSpec rest(String index, String label, String description) {
        return PositionalParamSpec.builder()
                .index(index)
                .arity("0..*")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .paramLabel(label)
                .description(description)
                .build();
    }

    /// The same, and from its first word on nothing is an option of ours.
    static PositionalParamSpec allOf(String index, String label, String description) {
        return PositionalParamSpec.builder(rest(index, label, description))
                .parameterConsumer((words, command, _) -> {
                    List<String> all = new ArrayList<>();
                    while (!words.isEmpty()) {
                        all.add(words.pop());
                    }
                    command.setValue(all);
                })
                .build();
    }

    static boolean has(ParseResult parsed, String option) {
        return parsed.hasMatchedOption(option);
    }

    /// The first, when it is given several times, as udocker takes it.
    static Optional<String> text(ParseResult parsed, String option) {
        return parsed.hasMatchedOption(option)
                ? Optional.of(
                        parsed.matchedOption(option).originalStringValues().getFirst())
                : Optional.empty();
    }

    static List<String> list(ParseResult parsed, String option) {
        return List.copyOf(parsed.matchedOptionValue(option, List.<String>of()));
    }

    static String positional(ParseResult parsed, int index) {
        return parsed.matchedPositionalValue(index, "");
    }

    /// What [#allOf] took.
    static List<String> command(ParseResult parsed, int index) {
        return parsed.commandSpec().positionalParameters().stream()
                .filter(parameter -> parameter.index().min() == index)
                .findFirst()
                .map(parameter -> parameter.<List<String>>getValue())
                .orElse(List.of());
    }

    static List<String> positionals(ParseResult parsed, int index) {
        return List.copyOf(parsed.matchedPositionalValue(index, List.<String>of()));
    }
}
