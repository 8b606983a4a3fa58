package io.berth.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Pages for man(1), one for the program and one for each command, with what their help says.
final class ManualPages {
    private static final String STATUS = """
            .SH EXIT STATUS
            .TP
            0
            Done.
            .TP
            1
            The operation failed; the message says how.
            .TP
            2
            Wrong usage, or a setting that cannot be read.
            .TP
            125, 126, 127
            Of commands that start a program: it could not be started, cannot be executed, or is not there.
            .TP
            128+\\fIn\\fR
            Stopped by signal \\fIn\\fR.
            .PP
            Otherwise the status of the program that was started.
            """;
    private static final String REPOSITORY = """
            .SH ENVIRONMENT
            Each variable of udocker's has one of berth's, which begins with BERTH_ and wins.
            .TP
            BERTH_DIR, UDOCKER_DIR
            The repository.
            .TP
            BERTH_ALLOW_ROOT
            With the value 1, permits uid 0.
            .SH FILES
            .TP
            \\fI~/.udocker\\fR
            The repository, unless another is named: images, containers, their layers.
            .TP
            \\fI/etc/berth.conf\\fR, \\fI~/.udocker/udocker.conf\\fR
            Settings.
            \\fBberth showconf\\fR tells each, and where it came from.
            """;

    private final Grammar program;
    private final String version;

    ManualPages(Grammar program, String version) {
        this.program = program;
        this.version = version;
    }

    /// Texts by file name, as `berth-job-script.1`.
    Map<String, String> all() {
        Map<String, String> pages = new LinkedHashMap<>();
        program.all().forEach(command -> pages.put(name(command) + ".1", page(command)));
        return pages;
    }

    private static String name(Grammar command) {
        return command.path().isEmpty() ? "berth" : "berth-" + String.join("-", command.path());
    }

    private String page(Grammar command) {
        boolean whole = command.path().isEmpty();
        String invoked = whole ? "berth" : "berth " + String.join(" ", command.path());
        StringBuilder page = new StringBuilder(".\\\" Made from berth's own commands when it is built.\n");
        page.append(".TH ")
                .append(name(command).toUpperCase(java.util.Locale.ROOT))
                .append(" 1 2026-01-01 \"berth ");
        page.append(version).append("\" \"User Commands\"\n");
        page.append(".SH NAME\n").append(text(name(command))).append(" \\- ");
        page.append(text(firstSmall(command.description()))).append("\n");
        page.append(".SH SYNOPSIS\n\\fB")
                .append(text(invoked))
                .append("\\fR")
                .append(synopsis(command))
                .append("\n");
        page.append(".SH DESCRIPTION\n").append(line(command.description() + "."));
        command.operands().stream()
                .filter(operand -> !operand.description().isEmpty())
                .forEach(operand -> page.append(item("\\fI" + text(operand.label()) + "\\fR", operand.description())));
        if (!command.commands().isEmpty()) {
            page.append(".SH COMMANDS\n");
            command.commands()
                    .forEach(below -> page.append(item("\\fB" + text(name(below)) + "\\fR(1)", below.description())));
        }
        page.append(".SH OPTIONS\n");
        command.options().forEach(option -> page.append(item(heading(option), option.description())));
        page.append(whole ? STATUS + REPOSITORY : "");
        page.append(".SH SEE ALSO\n").append(seeAlso(command)).append("\n");
        return page.toString();
    }

    private static String synopsis(Grammar command) {
        String words = " [\\fIOPTION\\fR]...";
        if (!command.commands().isEmpty()) {
            return words + " \\fICOMMAND\\fR [\\fIARGUMENT\\fR]...";
        }
        for (Grammar.Operand operand : command.operands()) {
            String word = "\\fI" + text(operand.label()) + "\\fR" + (operand.isRest() ? "..." : "");
            words += operand.required() ? " " + word : " [" + word + "]";
        }
        return words;
    }

    private static String heading(Grammar.Option option) {
        String names = option.names().stream()
                .map(name -> "\\fB" + text(name) + "\\fR")
                .collect(Collectors.joining(", "));
        String value = "\\fI" + text(option.label()) + "\\fR" + (option.repeated() ? "..." : "");
        boolean isLong = option.names().getLast().startsWith("--");
        return !option.hasValue() ? names : names + (isLong ? "=" : " ") + value;
    }

    private static String item(String heading, String description) {
        return ".TP\n" + heading + "\n" + line(description.isEmpty() ? "" : firstLarge(description) + ".");
    }

    private String seeAlso(Grammar command) {
        List<Grammar> others = command.path().isEmpty()
                ? command.commands()
                : program.all()
                        .filter(other -> !other.equals(command)
                                && (other.path().isEmpty()
                                        || other.path()
                                                .equals(command.path()
                                                        .subList(
                                                                0,
                                                                command.path().size() - 1))))
                        .toList();
        return others.stream()
                .map(other -> "\\fB" + text(name(other)) + "\\fR(1)")
                .collect(Collectors.joining(",\n"));
    }

    /// A line of text that roff does not take for a request.
    private static String line(String text) {
        String escaped = text(text);
        return (escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" : "") + escaped + "\n";
    }

    private static String text(String text) {
        return text.replace("\\", "\\e")
                .replace("-", "\\-")
                .replace("~", "\\(ti")
                .replace("^", "\\(ha");
    }

    private static String firstSmall(String text) {
        return text.isEmpty() || text.startsWith("Docker")
                ? text
                : text.substring(0, 1).toLowerCase(java.util.Locale.ROOT) + text.substring(1);
    }

    private static String firstLarge(String text) {
        return text.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + text.substring(1);
    }
}
