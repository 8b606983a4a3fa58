package io.berth.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The scripts that complete command lines in bash, zsh and fish: what is the same for all commands is in resources,
/// the commands fill it in. They read names of images and containers themselves; a JVM for each key would be slow.
final class CompletionScripts {
    static final List<String> SHELLS = List.of("bash", "zsh", "fish");

    private final Grammar program;

    CompletionScripts(Grammar program) {
        this.program = program;
    }

    /// @param shell one of [#SHELLS]
    String of(String shell) {
        return switch (shell) {
            case "bash" -> bash();
            case "zsh" -> zsh();
            case "fish" -> fish();
            default -> throw new IllegalArgumentException(shell);
        };
    }

    private String bash() {
        return resource("berth.bash")
                .replace("@COMMANDS@", cases(this::commandCase))
                .replace(
                        "@OPTIONS@",
                        cases(command -> Stream.of(
                                "'" + command.key() + "') REPLY='" + String.join(" ", names(command)) + "' ;;")))
                .replace("@VALUES@", cases(CompletionScripts::valueCases))
                .replace("@OPERANDS@", cases(CompletionScripts::operandCases))
                .replace("@STOPS@", String.join(" | ", stops()))
                .replace("@NAMES@", namesScript());
    }

    private Stream<String> commandCase(Grammar command) {
        return command.commands().isEmpty()
                ? Stream.of()
                : Stream.of("'" + command.key() + "') REPLY='" + String.join(" ", command.commandNames()) + "' ;;");
    }

    private static Stream<String> valueCases(Grammar command) {
        return command.options().stream()
                .filter(Grammar.Option::hasValue)
                .map(option -> option.names().stream()
                                .map(name -> "'" + command.key() + " " + name + "'")
                                .collect(Collectors.joining(" | "))
                        + ") REPLY='" + bashKind(option.kind()) + "' ;;");
    }

    private static Stream<String> operandCases(Grammar command) {
        return command.operands().stream()
                .map(operand -> pattern(command, operand) + ") REPLY='" + bashKind(operand.kind()) + "' ;;");
    }

    private static String pattern(Grammar command, Grammar.Operand operand) {
        String prefix = "'" + command.key() + " ";
        return operand.isRest() ? prefix + "'*" : prefix + operand.first() + "'";
    }

    private static String bashKind(WordKind kind) {
        return kind.name().equals("choice") ? "=" + String.join(" ", kind.choices()) : kind.name();
    }

    private String cases(Function<Grammar, Stream<String>> lines) {
        return program.all().flatMap(lines).map(line -> "        " + line).collect(Collectors.joining("\n"));
    }

    private List<String> stops() {
        return program.all().filter(Grammar::stops).map(Grammar::key).toList();
    }

    private static List<String> names(Grammar command) {
        return command.options().stream()
                .flatMap(option -> option.names().stream())
                .toList();
    }

    private String zsh() {
        return resource("berth.zsh")
                .replace("@FUNCTIONS@", program.all().map(this::zshFunction).collect(Collectors.joining("\n")))
                .replace("@NAMES@", namesScript());
    }

    private String zshFunction(Grammar command) {
        List<String> specs = new ArrayList<>();
        command.options().forEach(option -> specs.addAll(zshOption(option)));
        boolean leads = !command.commands().isEmpty();
        if (leads) {
            specs.add("1:command:" + zshChoices(command.commands()));
            specs.add("*::argument: _berth_below " + zshName(command));
        }
        command.operands().forEach(operand -> specs.add(zshOperand(operand)));
        String start = command.stops() || leads ? "    _arguments -s -A '-*'" : "    _arguments -s -S";
        return zshName(command) + "() {\n" + start
                + specs.stream().map(spec -> " \\\n        " + quoted(spec)).collect(Collectors.joining()) + "\n}\n";
    }

    /// `_berth_at` for the program, `_berth_at_job_script`.
    private static String zshName(Grammar command) {
        return "_berth_at" + command.path().stream().map(word -> "_" + word).collect(Collectors.joining());
    }

    private static List<String> zshOption(Grammar.Option option) {
        String others =
                option.repeated() ? "*" : option.names().size() > 1 ? "(" + String.join(" ", option.names()) + ")" : "";
        String description = "[" + escaped(option.description(), "[]\\") + "]";
        return option.names().stream()
                .map(name -> {
                    String sign = !option.hasValue() ? "" : name.startsWith("--") ? "=" : "+";
                    String value = option.hasValue()
                            ? ":" + escaped(option.label(), ":\\") + ":" + zshAction(option.kind())
                            : "";
                    return others + name + sign + description + value;
                })
                .toList();
    }

    private String zshOperand(Grammar.Operand operand) {
        String place = operand.isRest() ? "*" : Integer.toString(operand.first() + 1);
        String separator = operand.required() || operand.isRest() ? ":" : "::";
        String action =
                operand.kind().name().equals("command") ? zshChoices(program.commands()) : zshAction(operand.kind());
        return place + separator + escaped(operand.label(), ":\\") + ":" + action;
    }

    private static String zshChoices(List<Grammar> commands) {
        return commands.stream()
                .map(command -> command.path().getLast() + "\\:" + quoted(escaped(command.description(), ":\\")))
                .collect(Collectors.joining(" ", "((", "))"));
    }

    private static String zshAction(WordKind kind) {
        return switch (kind.name()) {
            case "file", "program" -> "_files";
            case "folder" -> "_files -/";
            case "choice" -> "(" + String.join(" ", kind.choices()) + ")";
            case "text" -> " ";
            default -> " _berth_names '" + kind.name() + "'"; // the blank: as it is, without options
        };
    }

    private String fish() {
        String values = program.all()
                .flatMap(command -> command.options().stream()
                        .filter(Grammar.Option::hasValue)
                        .flatMap(option -> option.names().stream())
                        .map(name -> "'" + command.key() + " " + name + "'"))
                .collect(Collectors.joining(" "));
        return resource("berth.fish")
                .replace(
                        "@COMMANDS@",
                        cases(command -> command.commands().isEmpty()
                                ? Stream.of()
                                : Stream.of(
                                        "case '" + command.key() + "'",
                                        "    string split ' ' '" + String.join(" ", command.commandNames()) + "'")))
                .replace("@VALUES@", values)
                .replace("@STOPS@", String.join(" ", stops()))
                .replace(
                        "@COMPLETIONS@",
                        program.all()
                                .flatMap(command -> Stream.of(
                                                fishCommands(command), fishOptions(command), fishOperands(command))
                                        .flatMap(lines -> lines))
                                .collect(Collectors.joining("\n")))
                .replace("@NAMES@", namesScript());
    }

    private static Stream<String> fishCommands(Grammar command) {
        return command.commands().stream()
                .map(below -> "complete -c berth -n " + fishQuoted("__berth_at '" + command.key() + "' 0") + " -a "
                        + below.path().getLast() + " -d " + fishQuoted(below.description()));
    }

    private static Stream<String> fishOptions(Grammar command) {
        return command.options().stream()
                .map(option -> "complete -c berth -n " + fishQuoted("__berth_at '" + command.key() + "'")
                        + option.names().stream()
                                .map(CompletionScripts::fishName)
                                .collect(Collectors.joining())
                        + (option.hasValue() ? fishValue(option.kind()) : "")
                        + " -d " + fishQuoted(option.description()));
    }

    private static String fishName(String name) {
        return name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1);
    }

    private Stream<String> fishOperands(Grammar command) {
        if (!command.commands().isEmpty()) {
            return Stream.of();
        }
        return command.operands().stream()
                .filter(operand -> !operand.kind().equals(WordKind.TEXT))
                .map(operand -> "complete -c berth -n "
                        + fishQuoted((operand.isRest() ? "__berth_after '" : "__berth_at '") + command.key() + "' "
                                + operand.first())
                        + (operand.kind().name().equals("command")
                                ? " -a " + fishQuoted(String.join(" ", program.commandNames()))
                                : fishValue(operand.kind()).replace(" -r", "").replace(" -x", "")));
    }

    private static String fishValue(WordKind kind) {
        return switch (kind.name()) {
            case "file", "program" -> " -r -F";
            case "folder" -> " -x -a '(__fish_complete_directories)'";
            case "choice" -> " -x -a " + fishQuoted(String.join(" ", kind.choices()));
            case "text" -> " -x";
            default -> " -x -a " + fishQuoted("(__berth_names '" + kind.name() + "')");
        };
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    private static String fishQuoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    private static String escaped(String text, String characters) {
        return text.chars()
                .mapToObj(character -> (characters.indexOf(character) < 0 ? "" : "\\") + Character.toString(character))
                .collect(Collectors.joining());
    }

    private static String namesScript() {
        return resource("names.sh").lines().skip(1).collect(Collectors.joining("\n"));
    }

    private static String resource(String name) {
        try (InputStream in = CompletionScripts.class.getResourceAsStream("/completion/" + name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
