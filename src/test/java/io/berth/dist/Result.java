package io.berth.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/// How a run of berth ended.
///
/// @param status as a shell says it: 128+n when signal n killed it
record Result(List<String> command, int status, String out, String err) {
    Result hasStatus(int wanted) {
        assertThat(status).as(toString()).isEqualTo(wanted);
        return this;
    }

    Result wrote(String wanted) {
        assertThat(out).as(toString()).isEqualTo(wanted);
        return this;
    }

    Result isSilent() {
        assertThat(out + err).as(toString()).isEmpty();
        return this;
    }

    /// One line that begins with the tool's name and holds the parts, at most one hint, nothing on standard output.
    Result failedWith(int wanted, String... parts) {
        return failedAs("berth", wanted, parts);
    }

    /// Without the lines that a command prints every few seconds on a machine that is slow.
    private List<String> messages(String tool) {
        return err.lines()
                .filter(line -> !line.matches(tool + ": .*[0-9] [kMGT]?B(/s)?\\b.*"))
                .toList();
    }

    Result failedAs(String tool, int wanted, String... parts) {
        hasStatus(wanted);
        assertThat(out).as("standard output of %s", command).isEmpty();
        List<String> lines = messages(tool);
        assertThat(lines).as(toString()).hasSizeBetween(1, 2);
        assertThat(lines.getFirst()).startsWith(tool + ": ");
        assertThat(List.of(parts)).as("in %s", lines.getFirst()).allMatch(lines.getFirst()::contains);
        lines.stream().skip(1).forEach(line -> assertThat(line).startsWith("hint: "));
        assertThat(err).doesNotContain("Exception", "\tat ");
        return this;
    }
}
