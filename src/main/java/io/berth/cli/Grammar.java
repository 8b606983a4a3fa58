package io.berth.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/// A command's words as what is made of them sees them: completion of three shells, and the manual.
///
/// @param path from the program's name down to this command, without the program's name
/// @param stops whether what follows the first operand belongs to a program
record Grammar(
        List<String> path,
        String description,
        List<Option> options,
        List<Operand> operands,
        List<Grammar> commands,
        boolean stops) {
    /// @param names short ones first
    /// @param label of its value, empty when it has none
    /// @param kind of its value
    record Option(List<String> names, String label, String description, WordKind kind, boolean repeated) {
        boolean hasValue() {
            return !label.isEmpty();
        }
    }

    /// @param first its number, from 0
    /// @param last the same, or a very large number
    record Operand(String label, String description, WordKind kind, int first, int last, boolean required) {
        boolean isRest() {
            return last > first;
        }

        boolean holds(int number) {
            return first <= number && number <= last;
        }
    }

    static Grammar of(CommandLine line) {
        return of(line.getCommandSpec(), List.of());
    }

    private static Grammar of(CommandSpec spec, List<String> path) {
        List<Grammar> commands = new ArrayList<>();
        spec.subcommands().forEach((name, below) -> {
            List<String> longer = new ArrayList<>(path);
            longer.add(name);
            commands.add(of(below.getCommandSpec(), List.copyOf(longer)));
        });
        return new Grammar(
                path,
                String.join(" ", spec.usageMessage().description()),
                spec.options().stream()
                        .filter(option -> !option.hidden())
                        .map(Grammar::option)
                        .toList(),
                spec.positionalParameters().stream().map(Grammar::operand).toList(),
                commands,
                spec.parser().stopAtPositional());
    }

    private static Option option(OptionSpec option) {
        boolean flag = option.arity().max() == 0;
        return new Option(
                Stream.of(option.names()).toList(),
                flag ? "" : option.paramLabel(),
                String.join(" ", option.description()),
                flag ? WordKind.TEXT : WordKind.ofValue(option.paramLabel(), candidates(option)),
                option.isMultiValue());
    }

    private static Operand operand(PositionalParamSpec operand) {
        int first = operand.index().min();
        return new Operand(
                operand.paramLabel(),
                String.join(" ", operand.description()),
                WordKind.ofOperand(operand.paramLabel(), first, candidates(operand)),
                first,
                operand.index().max(),
                operand.required() || operand.arity().min() > 0);
    }

    private static List<String> candidates(ArgSpec argument) {
        List<String> words = new ArrayList<>();
        if (argument.completionCandidates() != null) {
            argument.completionCandidates().forEach(words::add);
        }
        return List.copyOf(words);
    }

    /// As `job/script`; empty for the program itself.
    String key() {
        return String.join("/", path);
    }

    /// This one and all below it.
    Stream<Grammar> all() {
        return Stream.concat(Stream.of(this), commands.stream().flatMap(Grammar::all));
    }

    List<String> commandNames() {
        return commands.stream().map(command -> command.path().getLast()).toList();
    }
}
