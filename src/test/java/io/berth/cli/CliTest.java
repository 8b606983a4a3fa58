package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.HostFacts;
import io.berth.fake.StoredImageFixture;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.ImageReference;
import io.berth.store.Container;
import io.berth.store.Repository;
import io.berth.store.RepositoryLayout;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CliTest {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    private Map<String, String> settings = Map.of();
    private Repository repository;
    private FakeToolbox toolbox;

    @BeforeEach
    void open() {
        repository = Repository.open(RepositoryLayout.under(folder), Duration.ofSeconds(5));
        toolbox = new FakeToolbox(repository);
    }

    private int run(long uid, String line) {
        outBytes.reset();
        errBytes.reset();
        PrintStream out = new PrintStream(outBytes, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(errBytes, true, StandardCharsets.UTF_8);
        Front front = new Front("berth", folder, uid, false, false, false, 80);
        Cli cli = new Cli(
                front,
                given -> {
                    settings = given;
                    toolbox.given(given);
                    return toolbox;
                },
                out,
                err);
        return cli.execute(line.isEmpty() ? new String[0] : line.split(" "));
    }

    private int run(String line) {
        return run(1000, line);
    }

    private String out() {
        return outBytes.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return errBytes.toString(StandardCharsets.UTF_8);
    }

    /// The form of every message: what went wrong in one line, what to do in another, nothing on standard output.
    private void assertTwoLines() {
        assertThat(err().lines()).as(err()).hasSize(2);
        assertThat(err())
                .startsWith("berth: ")
                .contains("\nhint: ")
                .doesNotContain("Exception")
                .endsWith("\n");
        assertThat(out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nosuch",
                "--nosuch ps",
                "ps --nosuch",
                "ps too many",
                "pull",
                "create",
                "create a b",
                "rm",
                "explain",
                "--repo",
                "node prepare",
                "job script",
                "job nosuch",
                "pull BadName",
                "explain --mode=Z9 x",
                "explain -v relative x",
                "explain @nosuchfile",
                "job script --mode=Z9 x",
                "job script -Zodd x -- true",
            })
    void wrong_usage_is_one_line_and_a_hint_and_status_2(String line) {
        assertThat(run(line)).as(err()).isEqualTo(2);
        assertTwoLines();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run",
                "run --nosuch x",
                "run --mode=Z9 x",
                "run -v relative x",
                "run BadName",
                "run --pull=sometimes x",
                "run --publish=80:web x",
                "run --publish=0:1 x",
                "run --platform=linux x",
                "run --env==x x",
                "run --mount=type=tmpfs,target=/x x",
                "run --cpuset-cpus=3-1 x",
                "run --hostauth --containerauth x",
                "run --env-file=/no/such/file x",
                "run --location=/no/such/tree x",
                "run --pull=never x",
                "exec",
                "exec box",
                "exec box true",
                "job run x --tasks=0"
            })
    void a_verb_that_runs_a_program_answers_125_before_it_has_started_it(String line) {
        assertThat(run(line)).as(err()).isEqualTo(125);
        assertTwoLines();
    }

    @Test
    void a_mistyped_option_names_the_command_whose_help_tells() {
        run("node prepare --nosuch x");

        assertThat(err()).contains("'prepare'").contains("hint: berth node prepare --help");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ps", "images", "rm x", "run x", "explain x", "node release", "job script x"})
    void root_is_refused_before_anything_is_touched(String line) {
        settings = Map.of("untouched", "yes");

        assertThat(run(0, line)).isIn(2, 125);

        assertTwoLines();
        assertThat(err()).contains("as root").contains("--allow-root");
        assertThat(settings).containsKey("untouched");
    }

    @Test
    void root_may_when_it_says_so_and_may_ask_for_the_version_anyway() {
        assertThat(run(0, "--allow-root ps")).isZero();
        assertThat(run(0, "version")).isZero();
        assertThat(out()).isEqualTo("version: 9.8.7\ntarball: \ntarball_release: 1.2.11\n");
    }

    @Test
    void help_is_a_result_and_needs_no_repository() {
        settings = Map.of("untouched", "yes");
        assertThat(run("--help")).isZero();
        assertThat(out()).contains("Usage: berth").contains("pull").contains("job");
        assertThat(run("")).isZero();
        assertThat(out()).contains("Usage: berth");
        assertThat(run(0, "run --help")).isZero();
        assertThat(out()).contains("Usage: berth run").contains("--volume");
        assertThat(run("node prepare --help")).isZero();
        assertThat(out()).contains("berth node prepare").contains("--step");
        assertThat(err()).isEmpty();
        assertThat(settings).as("no toolbox was made").containsKey("untouched");
    }

    @ParameterizedTest
    @ValueSource(strings = {"job", "node"})
    void a_command_that_only_leads_to_others_shows_them_as_wrong_usage(String line) {
        assertThat(run(line)).isEqualTo(2);
        assertThat(out()).isEmpty();
        assertThat(err()).contains("Usage: berth " + line);
    }

    @Test
    void general_options_become_settings() {
        run("--repo=/r --registry=r.org --node-dir /n --insecure ps");
        assertThat(settings)
                .isEqualTo(Map.of("repository", "/r", "registry", "r.org", "node_dir", "/n", "insecure", "yes"));
        run("ps");
        assertThat(settings).isEmpty();
    }

    @Test
    void what_is_not_there_is_status_1() {
        assertThat(run("rm nosuch")).isEqualTo(1);
        assertTwoLines();
        assertThat(run("create debian:12")).isEqualTo(1);
        assertTwoLines();
        assertThat(err()).contains("hint: berth pull debian:12");
    }

    @Test
    void prune_says_what_it_would_take_takes_it_and_asks_unless_it_is_told_not_to() throws IOException {
        StoredImageFixture.of("lab/x:1", "a=1").in(repository);
        Path left = Files.writeString(repository.layout().layers().resolve("sha256:" + "0".repeat(64)), "left");
        Files.setLastModifiedTime(left, FileTime.from(Instant.now().minus(Duration.ofDays(2))));

        assertThat(run("prune --dry-run")).isZero();
        assertThat(out()).matches("remains +\\d+ kB  sha256:0{64}\n");
        assertThat(err()).contains("would free").contains("1 thing");
        assertThat(left).exists();

        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream("no\n".getBytes(StandardCharsets.UTF_8)));
            assertThat(run("prune")).isEqualTo(1);
            assertThat(out()).isEmpty();
            assertThat(err()).contains("[y/N]").contains("nothing was removed");
            assertThat(left).exists();
            System.setIn(new ByteArrayInputStream("y\n".getBytes(StandardCharsets.UTF_8)));
            assertThat(run("prune")).isZero();
        } finally {
            System.setIn(before);
        }
        assertThat(left).doesNotExist();
        assertThat(run("prune --force --all")).isZero();
        assertThat(out()).isEmpty();
        assertThat(err()).contains("nothing to remove");
        assertThat(repository.images().list()).as("it is new").containsExactly("lab/x:1");
    }

    @Test
    void debug_shows_where_a_fault_came_from() {
        assertThat(run("--debug rm nosuch")).isEqualTo(1);

        assertThat(err()).startsWith("berth: ").contains("hint: ").contains("at io.berth.");
    }

    @Test
    void containers_and_images_are_listed() throws IOException {
        StoredImageFixture.of("lab/x:1", "a=1").in(repository);
        Container container = repository
                .containers()
                .publish(
                        repository.containers().draft(),
                        repository
                                .images()
                                .find(ImageReference.parse("lab/x:1"))
                                .orElseThrow(),
                        Optional.of("one"));
        Files.createFile(container.folder().resolve("PROTECT"));

        run("images");
        assertThat(out()).isEqualTo("REPOSITORY\nlab/x:1    .\n");
        run("ps");
        assertThat(out().lines().toList().getLast())
                .isEqualTo(container.id() + " P W " + "%-18s %-20s".formatted("['one']", "lab/x:1"));
        assertThat(run("rm one")).isEqualTo(1);
        assertThat(err()).contains("protected");
        Files.delete(container.folder().resolve("PROTECT"));
        assertThat(run("rm one")).isZero();
        assertThat(container.folder()).doesNotExist();
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void every_fault_has_its_status(Fault fault) {
        toolbox = new FakeToolbox(repository) {
            @Override
            public HostFacts hostFacts() {
                throw FaultException.of(fault, "probing: no", "do something");
            }
        };

        int expected = fault == Fault.BAD_INPUT ? 2 : fault == Fault.INTERRUPTED ? 143 : 1;
        assertThat(run("node probe")).isEqualTo(expected);
        assertTwoLines();
        assertThat(ExitCode.of(fault, true)).isEqualTo(fault == Fault.INTERRUPTED ? 143 : 125);
    }

    @Test
    void a_fault_without_a_hint_is_one_line() {
        toolbox = new FakeToolbox(repository) {
            @Override
            public HostFacts hostFacts() {
                throw FaultException.io("reading /x", new IOException("broken"));
            }
        };

        run("node probe");

        assertThat(err()).isEqualTo("berth: reading /x: broken\n");
    }
}
