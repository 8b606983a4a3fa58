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
import java.io.ByteArrayOutputStream;
import java.io.IOException;
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
    private boolean terminal;

    @BeforeEach
    void open() {
        repository = Repository.open(RepositoryLayout.under(folder), Duration.ofSeconds(5));
        toolbox = new FakeToolbox(repository);
    }

    private int run(long uid, String line) {
        return run(uid, line.isEmpty() ? new String[0] : line.split(" "));
    }

    private int run(long uid, String... words) {
        outBytes.reset();
        errBytes.reset();
        PrintStream out = new PrintStream(outBytes, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(errBytes, true, StandardCharsets.UTF_8);
        Front front = new Front("berth", folder, uid, false, terminal, false, 60);
        Cli cli = new Cli(
                front,
                given -> {
                    settings = given;
                    toolbox.given(given);
                    return toolbox;
                },
                out,
                err);
        return cli.execute(words);
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
                "name x",
                "rmname",
                "rename a",
                "clone",
                "rmi",
                "rmi BadName",
                "tag a",
                "protect",
                "inspect",
                "verify",
                "verify --all x",
                "setup",
                "mkrepo",
                "showconf x",
                "help nosuch",
                "images -x",
                "node sweep --older-than=7",
                "node sweep --images --older-than=-1",
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

        toolbox.person.input = "no\n";
        assertThat(run("prune")).isEqualTo(1);
        assertThat(out()).isEmpty();
        assertThat(err()).contains("[y/N]").contains("nothing was removed");
        assertThat(left).exists();
        toolbox.person.input = "y\n";
        assertThat(run("prune")).isZero();
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

    private Container make(String name) {
        StoredImageFixture.of("lab/x:1", "a=1").in(repository);
        return repository
                .containers()
                .publish(
                        repository.containers().draft(),
                        repository
                                .images()
                                .find(ImageReference.parse("lab/x:1"))
                                .orElseThrow(),
                        Optional.of(name));
    }

    /// The tables of udocker 1.3, "Listings".
    @Test
    void listings_have_udockers_columns() throws IOException {
        Container container = make("one");
        Files.writeString(container.folder().resolve("execmode"), "R1");

        run("ps -m -s -p");
        assertThat(out())
                .isEqualTo(
                        "CONTAINER ID                         P M MOD SIZE PLATFORM           NAMES              IMAGE               \n"
                                + container.id()
                                + " . W R1     1 linux/amd64        ['one']            lab/x:1             \n");
        run("images -p");
        assertThat(out()).isEqualTo("REPOSITORY\nlinux/amd64        . lab/x:1\n");
        run("images -l --no-trunc --all");
        assertThat(out().lines())
                .hasSize(5)
                .contains("lab/x:1    .", " " + folder + "/repos/lab/x/1")
                .anyMatch(line -> line.matches("    /sha256:[0-9a-f]{64} \\(0 MB\\)"));
        run("-q images");
        assertThat(out()).isEqualTo("lab/x:1    .\n");
    }

    @Test
    void tables_fit_the_terminal_and_only_that() {
        make("one");
        terminal = true;

        run("ps");
        assertThat(out().lines()).allMatch(line -> line.length() <= 60).anyMatch(line -> line.endsWith("…"));
        run("ps --no-trunc");
        assertThat(out()).contains("lab/x:1").doesNotContain("…");
    }

    @Test
    void listings_are_json_when_asked() {
        Container container = make("one");

        run("ps --json");
        assertThat(out()).isEqualTo("""
                [
                    {
                        "id": "%s",
                        "names": [
                            "one"
                        ],
                        "image": "lab/x:1",
                        "protected": false,
                        "state": "W",
                        "mode": "P1",
                        "platform": "linux/amd64"
                    }
                ]
                """.formatted(container.id()));
        run("images --json");
        assertThat(out()).contains("\"name\": \"lab/x:1\"", "\"platform\": \"linux/amd64\"", "\"sha256:");
        run("verify --json --all");
        assertThat(out()).contains("\"ok\": true", "\"containers\": [", container.id());
        run("showconf --json");
        assertThat(out()).contains("\"verbose_level\": {", "\"source\": \"default\"");
    }

    @Test
    void names_can_be_given_changed_and_taken_away() {
        Container container = make("one");

        assertThat(run("name " + container.id() + " two")).isZero();
        assertThat(run("rename one three")).isZero();
        assertThat(run("rmname two")).isZero();
        assertThat(repository.containers().namesOf(container)).containsExactly("three");
        assertThat(run("name thre x")).isEqualTo(1);
        assertTwoLines();
        assertThat(err()).contains("hint: did you mean 'three'?");
        assertThat(run("rmname x")).isEqualTo(1);
        assertThat(run("rename x y")).isEqualTo(1);
    }

    @Test
    void what_cannot_be_removed_does_not_keep_the_others() {
        Container one = make("one");
        Container two = make("two");
        repository.containers().protect(one, true);

        assertThat(run("rm -f nosuch one two")).isEqualTo(1);

        assertThat(out())
                .isEqualTo("Info: deleting container: " + one.id() + "\nInfo: deleting container: " + two.id() + "\n");
        assertThat(err()).contains("nosuch").contains("protected");
        assertThat(repository.containers().find("one")).isPresent();
        assertThat(repository.containers().find("two")).isEmpty();
        assertThat(run("unprotect one")).isZero();
        assertThat(run("-q rm one")).isZero();
        assertThat(out()).isEmpty();
    }

    @Test
    void a_mark_is_put_on_a_container_first_and_else_on_an_image() {
        Container container = make("one");

        assertThat(run("protect one")).isZero();
        assertThat(run("protect lab/x:1")).isZero();
        run("ps");
        assertThat(out()).contains(container.id() + " P W");
        run("images");
        assertThat(out()).contains("lab/x:1    P");
        assertThat(run("rmi lab/x:1")).isEqualTo(1);
        assertThat(run("tag lab/x:1 y")).isEqualTo(1);
        assertThat(run("unprotect lab/x:1")).isZero();
        assertThat(run("tag lab/x:1 y")).isZero();
        assertThat(run("rmi lab/x:1")).isZero();
        assertThat(repository.images().list()).containsExactly("y:latest");
        assertThat(run("protect nosuch")).isEqualTo(1);
        assertThat(run("protect No/Name")).isEqualTo(1);
        assertTwoLines();
    }

    @Test
    void inspect_shows_a_container_else_an_image() {
        Container container = make("one");

        run("inspect one");
        assertThat(out()).startsWith("{\n    \"architecture\": \"amd64\",\n    \"config\": {\n        \"Cmd\": [");
        String shown = out();
        run("inspect lab/x:1");
        assertThat(out()).isEqualTo(shown);
        run("inspect -p one");
        assertThat(out()).isEqualTo(container.root() + "\n");
        assertThat(run("inspect -p lab/x:1")).isEqualTo(1);
        assertThat(run("inspect lab/y:1")).isEqualTo(1);
        assertThat(err()).contains("hint: did you mean 'lab/x:1'?");
        assertThat(run("inspect No/Name")).isEqualTo(1);
        assertTwoLines();
    }

    @Test
    void verify_tells_each_layer() throws IOException {
        make("one");

        assertThat(run("verify lab/x:1")).isZero();
        assertThat(out()).matches("(Info: layer ok: sha256:[0-9a-f]{64}\n){2}Info: image Ok\n");
        Path layer = repository
                .images()
                .find(ImageReference.parse("lab/x:1"))
                .orElseThrow()
                .layersOldestFirst()
                .getFirst()
                .file();
        Files.writeString(layer, "damaged");
        assertThat(run("verify --all")).isEqualTo(1);
        assertThat(err()).startsWith("berth: layer sha256:").contains("its digest is");
        assertThat(run("verify nosuch")).isEqualTo(1);
    }

    @Test
    void setup_shows_and_stores_the_mode() {
        make("one");

        assertThat(run("setup one")).isZero();
        assertThat(out()).isEqualTo("execmode: P1\nnvidiamode: False\n");
        assertThat(run("setup --execmode=r1 one")).isZero();
        assertThat(out()).isEmpty();
        run("setup one");
        assertThat(out()).startsWith("execmode: R1\n");
        assertThat(run("setup --execmode F2 --force one")).isEqualTo(1);
        assertTwoLines();
        assertThat(run("setup --nvidia one")).isEqualTo(1);
        assertThat(run("setup --fixperms --purge one")).isZero();
    }

    @Test
    void clone_prints_the_id_of_the_copy() {
        Container container = make("one");

        assertThat(run("clone --name=two one")).isZero();
        assertThat(out().strip()).isNotEqualTo(container.id());
        assertThat(repository.containers().find("two").orElseThrow().id()).isEqualTo(out().strip());
    }

    @Test
    void mkrepo_makes_a_repository_once() {
        assertThat(run("mkrepo " + folder.resolve("new"))).isZero();
        assertThat(folder.resolve("new/repos")).isDirectory();
        assertThat(run("mkrepo " + folder.resolve("new"))).isEqualTo(1);
        assertTwoLines();
    }

    @Test
    void showconf_tells_where_each_value_came_from() {
        run("--registry=r.org showconf");

        assertThat(out())
                .startsWith("-".repeat(80) + "\n")
                .endsWith("-".repeat(80) + "\n")
                .contains(
                        "\ndockerio_registry_url = r.org  (the command line)\n",
                        "\nsysdirs_list = ['/dev', '/proc', '/sys', ",
                        "\nhttp_insecure = False  (default)\n");
    }

    /// udocker's fault 6: `-it`, `--name x`, empty arguments.
    @Test
    void options_may_be_written_each_way() {
        Container container = make("one");

        assertThat(run("ps -ms")).isZero();
        assertThat(out()).contains(" MOD SIZE ");
        assertThat(run("clone --name two one")).isZero();
        assertThat(run("clone one --name=three")).isZero();
        assertThat(run("clone --name=four --name=five one")).isZero();
        assertThat(repository.containers().find("four")).as("the first wins").isPresent();
        assertThat(run("rm " + container.id() + " two three four")).isZero();
        assertThat(run(1000, "name", "", "x")).isEqualTo(1);
        assertThat(err()).contains("naming container : there is no such container");
    }

    @Test
    void what_was_mistyped_is_guessed() {
        run("imags");
        assertThat(err()).isEqualTo("""
                berth: reading the command line of 'berth': there is no command 'imags'
                hint: did you mean 'images'? berth --help shows what it takes
                """);
        run("setup --execmod=P1 x");
        assertThat(err()).contains("there is no option '--execmod=P1'").contains("did you mean '--execmode'?");
        run("job scrpt x");
        assertThat(err()).contains("did you mean 'script'?");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rm hul",
                "clone hul",
                "name hul x",
                "rename hul x",
                "rmname hul",
                "setup hul",
                "exec hul true",
                "export hul",
                "protect hul",
                "inspect hul",
                "inspect -p hul",
                "run --pull=never hul"
            })
    void a_mistyped_container_is_guessed(String line) {
        make("hull");

        assertThat(run(line)).isNotZero();
        assertThat(err()).contains("hint: did you mean 'hull'?");
    }

    @Test
    void the_beginning_of_an_id_is_enough_for_a_guess() {
        Container container = make("hull");

        run("rm " + container.id().substring(0, 4));
        assertThat(err()).contains("did you mean '" + container.id() + "'?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"lab/y:1", "lab/x", "lab/x:latest", "x:1"})
    void a_mistyped_image_is_guessed(String image) {
        make("hull");

        for (String verb : new String[] {"rmi", "create", "save", "verify", "inspect", "protect", "run --pull=never"}) {
            assertThat(run(verb + " " + image)).isNotZero();
            assertThat(err()).as(verb).contains("hint: did you mean 'lab/x:1'?");
        }
        assertThat(run("tag " + image + " z")).isNotZero();
        assertThat(err()).contains("hint: did you mean 'lab/x:1'?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void completion_prints_the_script_of_the_distribution(String shell) {
        assertThat(run(0, "completion " + shell)).isZero();
        assertThat(Reference.files("x").values()).contains(out());
        assertThat(run("completion " + shell + "x")).isEqualTo(2);
        assertThat(err()).contains("did you mean '" + shell + "'?");
    }

    @Test
    void help_is_there_in_each_way() {
        run("help");
        String all = out();
        assertThat(all).contains("Usage: berth").contains("unprotect");
        run("-h");
        assertThat(out()).isEqualTo(all);
        run("ps --help");
        String one = out();
        assertThat(one).contains("Usage: berth ps");
        run("help ps");
        assertThat(out()).isEqualTo(one);
        run("help node prepare");
        assertThat(out()).contains("berth node prepare");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-V", "--version", "-D -V", "-q --version"})
    void the_version_is_an_option_too(String line) {
        assertThat(run(0, line)).isZero();
        assertThat(out()).startsWith("version: 9.8.7\n");
    }

    @Test
    void verbosity_decides_what_is_said() {
        make("one");
        toolbox.environment = Map.of("UDOCKER_LOGLEVEL", "0");
        run("images");
        assertThat(out()).as("results are level 1").isEmpty();
        run("inspect nosuch");
        assertThat(err()).isNotEmpty();
        toolbox.environment = Map.of("UDOCKER_LOGLEVEL", "-1");
        run("inspect nosuch");
        assertThat(err()).isEmpty();
        toolbox.environment = Map.of("UDOCKER_LOGLEVEL", "5");
        run("inspect nosuch");
        assertThat(err()).contains("at io.berth.");
        toolbox.environment = Map.of("UDOCKER_LOGLEVEL", "loud");
        assertThat(run("images")).isEqualTo(2);
        assertTwoLines();
    }

    @Test
    void a_fault_of_berth_itself_is_two_lines_too_and_tells_more_when_asked() {
        toolbox = new FakeToolbox(repository) {
            @Override
            public Repository existingRepository() {
                throw new IllegalStateException("nobody thought of it");
            }
        };

        assertThat(run("ps")).isEqualTo(1);
        assertTwoLines();
        assertThat(err())
                .contains("running 'ps'")
                .contains("nobody thought of it")
                .contains("--debug");
        assertThat(run("--debug ps")).isEqualTo(1);
        assertThat(err()).contains("at io.berth.cli.");
        assertThat(run("exec a b")).isEqualTo(125);
    }

    @Test
    void usage_messages_name_what_is_wrong() {
        assertThat(run("ps too many")).isEqualTo(2);
        assertThat(err()).contains("'too' is one word too many");
        assertThat(run("images -x")).isEqualTo(2);
        assertThat(err()).contains("no option '-x'").doesNotContain("did you mean");
        assertThat(run("explain")).isEqualTo(2);
        assertThat(err()).contains("the command line of 'explain'");
    }
}
