package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.files.TreeRemoval;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Completion in the real shells, and the manual as man's own checker sees it.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ReferenceTest {
    private static final String ID = "0a1b2c3d-0000-1111-2222-333344445555";
    private static final String PINNED = "lab/pin@sha256:" + "0".repeat(64);
    private static final String ALL_NAMES = ID + " box " + PINNED + " lab/x:1 quay.io/org/solver:2.1";

    @TempDir
    static Path folder;

    @BeforeAll
    static void write() throws IOException {
        for (Map.Entry<String, String> file : Reference.files("9.8.7").entrySet()) {
            Path path = folder.resolve("share").resolve(file.getKey());
            Files.createDirectories(path.resolveSibling(""));
            Files.writeString(path, file.getValue());
        }
        repository(folder.resolve("repo"), "box");
        repository(folder.resolve("other"), "crate");
        Files.createDirectories(folder.resolve("work/tree"));
        Files.writeString(folder.resolve("work/table.txt"), "");
    }

    private static void repository(Path root, String name) throws IOException {
        for (String image : List.of("lab/x/1", "quay.io/org/solver/2.1", PINNED.replace('@', '/'))) {
            Path tag = Files.createDirectories(root.resolve("repos").resolve(image));
            Files.writeString(tag.resolve("TAG"), "");
            Files.createSymbolicLink(tag.resolve("sha256:" + "1".repeat(64)), Path.of("nowhere"));
        }
        Files.writeString(
                Files.createDirectories(root.resolve("repos/.draft/half")).resolve("TAG"), "");
        Files.createDirectories(root.resolve("repos/lab/gone"));
        Files.createDirectories(root.resolve("containers").resolve(ID));
        Files.createDirectories(root.resolve("containers/.draft-" + ID));
        Files.createSymbolicLink(root.resolve("containers").resolve(name), Path.of(ID));
        Files.createSymbolicLink(root.resolve("containers/lost"), Path.of("no-such"));
    }

    private static String run(String input, String... words) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(words)
                .directory(folder.resolve("work").toFile())
                .redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("BERTH_") || name.startsWith("UDOCKER_"));
        builder.environment().put("UDOCKER_DIR", folder.resolve("repo").toString());
        builder.environment().put("SHARE", folder.resolve("share").toString());
        builder.environment().put("HOME", folder.toString());
        builder.environment().put("TERM", "dumb");
        Process process = builder.start();
        try (var in = process.outputWriter(StandardCharsets.UTF_8)) {
            in.write(input);
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return said.strip();
    }

    private static String placed(String line) {
        return line.replace("$OTHER", folder.resolve("other").toString());
    }

    /// The words as bash splits them, and what it is answered.
    private static String bash(String line) throws IOException, InterruptedException {
        String words = Stream.of(line.split("(?<=[^ :=])(?=[:=])|(?<=[:=])(?=[^ :=])| +", -1))
                .map(word -> "'" + word + "'")
                .collect(Collectors.joining(" "));
        String script = ". \"$SHARE\"/bash-completion/completions/berth; compopt() { :; }; COMP_WORDS=(" + words
                + ") COMP_LINE='" + line + "' COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _berth; echo \"${COMPREPLY[*]}\"";
        return run("", "bash", "-c", placed(script));
    }

    private static String fish(String line) throws IOException, InterruptedException {
        String script = "source $SHARE/fish/vendor_completions.d/berth.fish; complete -C '" + line + "'";
        return run("", "fish", "--no-config", "-c", placed(script))
                .lines()
                .map(answer -> answer.replaceFirst("\t.*", ""))
                .collect(Collectors.joining(" "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "berth pu                       | pull",
                "udocker unp                    | unprotect",
                "berth job s                    | script submit",
                "berth -q --repo /r job s       | script submit",
                "berth ps --no                  | --no-trunc",
                "berth node prepare --st        | --step",
                "berth rm b                     | box",
                "berth rm 0a                    | " + ID,
                "berth rmi lab/x                | lab/x:1",
                "berth rm --force box b         | box",
                "berth run --rm --name lab b    | box",
                "berth run -e X=1 --env Y=2 qu  | quay.io/org/solver:2.1",
                "berth run box zz               | ",
                "berth run box tab              | table.txt",
                "berth run box -- tab           | table.txt",
                "berth run --env-file tab       | table.txt",
                "berth create --no              | ",
                "berth rename b                 | box",
                "berth rename box b             | ",
                "berth --repo $OTHER rm c       | crate",
                "berth --repo=$OTHER rm c       | crate",
                "berth --repo /none rm b        | ",
                "berth help unp                 | unprotect",
                "berth completion b             | bash",
                "berth import tab               | table.txt",
                "berth nosuch b                 | ",
            })
    void bash_and_fish_complete(String line, String expected) throws IOException, InterruptedException {
        String answer = expected == null ? "" : expected;
        assertThat(bash(line)).isEqualTo(answer);
        assertThat(fish(line)).isEqualTo(answer);
    }

    @Test
    void images_and_containers_are_read_from_the_repository() throws IOException, InterruptedException {
        assertThat(bash("berth run ")).isEqualTo(ALL_NAMES);
        assertThat(fish("berth run ")).isEqualTo(ALL_NAMES);
        assertThat(bash("berth rmi ")).isEqualTo(PINNED + " lab/x:1 quay.io/org/solver:2.1");
    }

    /// Without variables, what the files of settings say.
    @Test
    void the_repository_is_the_one_of_the_files() throws IOException, InterruptedException {
        Path settings = Files.createDirectories(folder.resolve(".udocker"));
        Files.writeString(settings.resolve("udocker.conf"), "[DEFAULT]\ntopdir = /none\n");
        Files.writeString(settings.resolve("berth.conf"), "# mine\nrepository=\"" + folder + "/other\"\n");
        try {
            String script = "unset UDOCKER_DIR; . \"$SHARE\"/bash-completion/completions/berth; compopt() { :; };"
                    + " COMP_WORDS=(berth rm c) COMP_LINE='berth rm c' COMP_CWORD=2; _berth; echo \"${COMPREPLY[*]}\"";
            assertThat(run("", "bash", "-c", script)).isEqualTo("crate");
            Files.writeString(settings.resolve("berth.conf"), "containersdir: " + folder + "/repo/containers\n");
            assertThat(run("", "bash", "-c", script.replace("rm c", "rm b"))).isEqualTo("box");
        } finally {
            TreeRemoval.remove(settings);
        }
    }

    /// bash splits words at ':' and '=' and replaces the last part only.
    @Test
    void bash_gets_only_what_follows_its_own_breaks() throws IOException, InterruptedException {
        assertThat(bash("berth rmi lab/x:")).isEqualTo("1");
        assertThat(bash("berth run --pull=n")).isEqualTo("never");
        assertThat(bash("berth run --pull ")).isEqualTo("missing never always reuse");
        assertThat(fish("berth run --pull=n")).isEqualTo("--pull=never");
        assertThat(fish("berth run --pull ")).isEqualTo("always missing never reuse");
    }

    /// A real line editor on a real terminal: what it makes of a tab.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "berth rm b            | berth rm box",
                "udocker rmi lab/x:    | udocker rmi lab/x:1",
                "berth run --pull=ne   | berth run --pull=never",
                "berth --repo=$OTHER/ rm c | berth --repo=$OTHER/ rm crate",
            })
    void a_tab_in_bash(String line, String expected) throws IOException, InterruptedException {
        String input = "PS1=; . \"$SHARE\"/bash-completion/completions/berth; berth() { echo \"<berth $*>\"; };"
                + " udocker() { echo \"<udocker $*>\"; }\n" + placed(line) + "\t\nexit\n";
        assertThat(run(input, "script", "-qec", "bash --norc --noprofile -i", "/dev/null"))
                .contains(
                        "<" + expected.replace("$OTHER", folder.resolve("other").toString()) + ">");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "berth pu                         | berth pull",
                "udocker unp                      | udocker unprotect",
                "berth rm b                       | berth rm box",
                "berth rmi lab/x                  | berth rmi lab/x:1",
                "berth run --pull=n               | berth run --pull=never",
                "berth ps --no-t                  | berth ps --no-trunc",
                "berth job sc                     | berth job script",
                "berth job script -n 4 lab/x      | berth job script -n 4 lab/x:1",
                "berth run --rm bo                | berth run --rm box",
                "berth run box tab                | berth run box table.txt",
                "berth -q --repo $OTHER rm c      | berth -q --repo $OTHER rm crate",
                "berth -q --repo /none rm b       | berth -q --repo /none rm b",
                "berth help comp                  | berth help completion",
            })
    void a_tab_in_zsh(String line, String expected) throws IOException, InterruptedException {
        String script = """
                zmodload zsh/zpty
                zpty shell zsh -f -i
                zpty -w shell 'PS1=; fpath=($SHARE/zsh/site-functions $fpath); autoload -Uz compinit; compinit -u -D'
                zpty -w shell 'tab() { zle complete-word; print -r -- $BUFFER > $HOME/.answer; mv $HOME/.answer $HOME/answer; exit }'
                zpty -w shell 'zle -N tab; bindkey "^X" tab; print REA""DY'
                zpty -r shell said '*READY*'
                zpty -n -w shell "$1"$'\\x18'
                for i in {1..300}; do [[ -e $HOME/answer ]] && break; sleep 0.1; done
                cat $HOME/answer
                rm -f $HOME/answer
                """;
        assertThat(run("", "zsh", "-f", "-c", script, "zsh", placed(line))).isEqualTo(placed(expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void each_shell_accepts_its_script(String shell) throws IOException, InterruptedException {
        String file = Map.of(
                        "bash",
                        "bash-completion/completions/berth",
                        "zsh",
                        "zsh/site-functions/_berth",
                        "fish",
                        "fish/vendor_completions.d/berth.fish")
                .get(shell);
        assertThat(run(
                        "",
                        shell,
                        "-n",
                        folder.resolve("share").resolve(String.valueOf(file)).toString()))
                .isEmpty();
    }

    @Test
    void the_script_for_bash_and_the_one_inside_are_clean() throws IOException, InterruptedException {
        assertThat(run("", "shellcheck", folder + "/share/bash-completion/completions/berth"))
                .isEmpty();
        Path inside = folder.resolve("names.sh");
        try (var in = ReferenceTest.class.getResourceAsStream("/completion/names.sh")) {
            assertThat(in).isNotNull();
            Files.write(inside, in.readAllBytes());
        }
        assertThat(run("", "shellcheck", "-s", "sh", inside.toString())).isEmpty();
        assertThat(Files.readString(inside).lines().skip(1)).noneMatch(line -> line.contains("'"));
    }

    @Test
    void each_command_has_a_clean_page_with_all_its_options() throws IOException, InterruptedException {
        for (Grammar command : Grammar.of(Cli.model("berth")).all().toList()) {
            String name =
                    Stream.concat(Stream.of("berth"), command.path().stream()).collect(Collectors.joining("-"));
            Path page = folder.resolve("share/man/man1/" + name + ".1");
            assertThat(run("", "mandoc", "-Tlint", "-W", "warning", page.toString()))
                    .isEmpty();
            String shown = run("", "mandoc", "-Tutf8", "-O", "width=200", page.toString())
                    .replaceAll(".\b", "");
            assertThat(shown).contains(command.description()).contains("9.8.7");
            for (Grammar.Option option : command.options()) {
                assertThat(shown).contains(option.names()).containsIgnoringCase(option.description());
            }
            command.commandNames().forEach(below -> assertThat(shown).contains(name + "-" + below + "(1)"));
        }
    }
}
