package io.berth.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.batch.Scheduler;
import io.berth.engine.ExecutionMode;
import io.berth.engine.Maker;
import io.berth.engine.ModeOrder;
import io.berth.fake.Faults;
import io.berth.fault.Fault;
import io.berth.store.RepositoryLayout;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SettingsReaderTest {
    @TempDir
    Path folder;

    private Path file(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private Settings read(Map<String, String> environment, Map<String, String> options) {
        Map<String, String> all =
                new HashMap<>(Map.of("HOME", folder.resolve("home").toString()));
        all.putAll(environment);
        return SettingsReader.read(new ConfigPlaces(folder.resolve("dist"), folder.resolve("etc")), all, options);
    }

    private Settings read() {
        return read(Map.of(), Map.of());
    }

    private Path user(String text) throws IOException {
        return file("home/.udocker/berth.conf", text);
    }

    private Path udockers(String text) throws IOException {
        return file("home/.udocker/udocker.conf", text);
    }

    @Test
    void without_any_source_the_defaults_hold() {
        Settings settings = read();

        assertThat(settings.repository()).isEqualTo(RepositoryLayout.under(folder.resolve("home/.udocker")));
        assertThat(settings.registry().defaultRegistry()).isEqualTo("https://registry-1.docker.io");
        assertThat(settings.registry().insecure()).isFalse();
        assertThat(settings.stage().nodeDirectory()).isEqualTo(Path.of("/tmp"));
        assertThat(settings.stage().patience()).isEqualTo(Duration.ofMinutes(30));
        assertThat(settings.program(Key.USE_PROOT_EXECUTABLE)).isEmpty();
        assertThat(settings.keystore()).isEqualTo(folder.resolve("home/.udocker/keystore"));
        assertThat(settings.temporary()).isEqualTo(Path.of("/tmp"));
        assertThat(settings.verbosity()).isEqualTo(3);
        assertThat(settings.setting(Key.NODE_DIR).source()).isEqualTo("default");
        assertThat(settings.notices()).isEmpty();
    }

    /// Each default is a value of its key's type.
    @Test
    void every_key_can_be_shown() {
        assertThat(read().all())
                .hasSize(Key.values().length)
                .allSatisfy(setting -> assertThat(setting.shown()).isNotEmpty());
    }

    @Test
    void files_weigh_more_from_the_distribution_to_the_one_that_was_named() throws IOException {
        file(
                "dist/etc/berth.conf",
                "cmd = 1\nlocation = 1\nhttp_agent = 1\nhttp_proxy = 1\ntarball = 1\nld_so_cache=1\nkeystore=1\n");
        file(
                "etc/udocker.conf",
                "[DEFAULT]\nlocation = 2\nhttp_agent = 2\nhttp_proxy = 2\ntarball = 2\nld_so_cache=2\nkeystore=2\n");
        file("etc/berth.conf", "http_agent = 3\nhttp_proxy = 3\ntarball = 3\nld_so_cache=3\nkeystore=3\n");
        udockers("[DEFAULT]\nhttp_proxy = 4\ntarball = 4\nld_so_cache=4\nkeystore=4\ntopdir = " + folder.resolve("top")
                + "\n");
        user("tarball = 5\nld_so_cache=5\nkeystore=5\n");
        file("top/udocker.conf", "ld_so_cache = 6\nkeystore=6\n");
        Path named = file("named", "keystore = 7\n");

        Settings settings = read(Map.of(), Map.of(SettingsReader.CONFIG_FILE, named.toString()));

        assertThat(Stream.of(
                                Key.CMD,
                                Key.LOCATION,
                                Key.HTTP_AGENT,
                                Key.HTTP_PROXY,
                                Key.TARBALL,
                                Key.LD_SO_CACHE,
                                Key.KEYSTORE)
                        .map(settings::text))
                .containsExactly("1", "2", "3", "4", "5", "6", "7");
        assertThat(settings.repository().root()).isEqualTo(folder.resolve("top"));
    }

    @Test
    void later_files_then_the_environment_then_the_command_line_win() throws IOException {
        file("etc/berth.conf", "repository=/s\nregistry=s.org\nnode_dir = /s\npatience_seconds=1\ninsecure=yes\n");
        user("# comment\n\n  repository = /u\nregistry=u.org\nnode_dir=/u\n");

        Settings settings = read(Map.of("BERTH_DIR", "/e", "BERTH_REGISTRY", "e.org"), Map.of("repository", "/c"));

        assertThat(settings.repository().root()).isEqualTo(Path.of("/c"));
        assertThat(settings.registry().defaultRegistry()).isEqualTo("e.org");
        assertThat(settings.stage().nodeDirectory()).isEqualTo(Path.of("/u"));
        assertThat(settings.stage().patience()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.registry().insecure()).isTrue();
    }

    @Test
    void each_value_remembers_its_source() throws IOException {
        Path file = user("\nnode_dir = /u\n");

        Settings settings = read(Map.of("UDOCKER_DIR", "/e"), Map.of("registry", "c.org"));

        assertThat(settings.setting(Key.NODE_DIR).source()).isEqualTo(file + ":2");
        assertThat(settings.setting(Key.TOPDIR).source()).isEqualTo("UDOCKER_DIR");
        assertThat(settings.setting(Key.DOCKERIO_REGISTRY_URL).source()).isEqualTo("the command line");
        assertThat(settings.setting(Key.HTTP_INSECURE).source()).isEqualTo("default");
    }

    @ParameterizedTest
    @EnumSource(Key.class)
    void the_variables_of_udocker_are_honoured_and_ours_win(Key key) {
        for (String variable : key.variables()) {
            if (variable.startsWith("UDOCKER_")) {
                String ours = "BERTH_" + variable.substring(8);
                String one =
                        key.kind() == Kind.LEVEL ? "1" : key.label().matches(".*(url|proxy)") ? "http://one:3" : "/one";
                String two = one.replace("1", "2").replace("one", "two");

                assertThat(read(Map.of(variable, one), Map.of()).setting(key).shown())
                        .contains(one);
                assertThat(read(Map.of(variable, one, ours, two), Map.of())
                                .setting(key)
                                .shown())
                        .contains(two);
            }
        }
    }

    /// Source: udocker 1.3, "Environment variables".
    @Test
    void no_variable_of_udocker_is_forgotten() {
        assertThat(Stream.of(Key.values()).flatMap(key -> key.variables().stream()))
                .contains(("DIR BIN LIB DOC REPOS LAYERS CONTAINERS TMP KEYSTORE TARBALL LOGLEVEL INDEX REGISTRY"
                                + " DEFAULT_EXECUTION_MODE FAKECHROOT_SO FAKECHROOT_LIBC FAKECHROOT_CMD_SUBST"
                                + " FAKECHROOT_EXPAND_SYMLINKS USE_CURL_EXECUTABLE USE_PROOT_EXECUTABLE"
                                + " USE_RUNC_EXECUTABLE USE_SINGULARITY_EXECUTABLE USE_PATCHELF_EXECUTABLE")
                        .replaceAll("(\\w+)", "UDOCKER_$1")
                        .split(" "));
    }

    @Test
    void each_folder_of_a_repository_may_lie_elsewhere() {
        Settings settings = read(
                Map.of(
                        "UDOCKER_DIR", "/r",
                        "UDOCKER_REPOS", "/a",
                        "UDOCKER_LAYERS", "/b",
                        "UDOCKER_CONTAINERS", "/c",
                        "UDOCKER_BIN", "/d",
                        "BERTH_LIB", "/e"),
                Map.of());

        assertThat(settings.repository())
                .isEqualTo(new RepositoryLayout(
                        Path.of("/r"),
                        Path.of("/a"),
                        Path.of("/b"),
                        Path.of("/c"),
                        Path.of("/d"),
                        Path.of("/e"),
                        Path.of("/r/doc")));
    }

    @Test
    void the_usual_proot_may_be_named() {
        assertThat(read(Map.of("UDOCKER_USE_PROOT_EXECUTABLE", "UDOCKER"), Map.of())
                        .program(Key.USE_PROOT_EXECUTABLE))
                .isEmpty();
        assertThat(read(Map.of("UDOCKER_USE_PROOT_EXECUTABLE", "/p"), Map.of()).program(Key.USE_PROOT_EXECUTABLE))
                .contains(Path.of("/p"));
        assertThat(read(Map.of("BERTH_PROOT", "/q"), Map.of()).program(Key.USE_PROOT_EXECUTABLE))
                .contains(Path.of("/q"));
    }

    /// udocker's fault 5: `False` is true there, numbers and lists crash, quotes stay, the section header must be
    /// there.
    @Test
    void values_have_the_type_that_they_look_like() throws IOException {
        udockers("""
                # what people write
                http_insecure = False
                proot_killonexit: yes
                timeout = 20
                cmd = "bash --norc"
                http_agent = 'it''s'
                http_proxy = http://u:p%%20@h:1
                sysdirs_list = ["/dev", '/proc',  # the usual
                    "/a b"]
                dri_list = /x /y,/z
                valid_host_env = ("TERM",)
                tarball = ("https://a/x "
                           "https://b/y")
                cpu_affinity_exec_tools = (["numactl", "-C", "%s", "--"], ["taskset", "-c", "%s"])
                docker_registries = {"docker.io": ("http://127.0.0.1:5000", "http://i"), "q.io": "https://m.org"}
                location = None
                keystore =
                """);

        Settings settings = read();

        assertThat(settings.flag(Key.HTTP_INSECURE)).isFalse();
        assertThat(settings.flag(Key.PROOT_KILLONEXIT)).isTrue();
        assertThat(settings.registry().idleTimeout()).isEqualTo(Duration.ofSeconds(20));
        assertThat(settings.text(Key.CMD)).isEqualTo("bash --norc");
        assertThat(settings.text(Key.HTTP_AGENT)).isEqualTo("its");
        assertThat(settings.text(Key.HTTP_PROXY)).isEqualTo("http://u:p%20@h:1");
        assertThat(settings.words(Key.SYSDIRS_LIST)).containsExactly("/dev", "/proc", "/a b");
        assertThat(settings.words(Key.DRI_LIST)).containsExactly("/x", "/y", "/z");
        assertThat(settings.words(Key.VALID_HOST_ENV)).containsExactly("TERM");
        assertThat(settings.text(Key.TARBALL)).isEqualTo("https://a/x https://b/y");
        assertThat(settings.words(Key.CPU_AFFINITY_EXEC_TOOLS)).containsExactly("numactl -C %s --", "taskset -c %s");
        assertThat(settings.registry().named())
                .containsEntry("docker.io", URI.create("http://127.0.0.1:5000"))
                .containsEntry("q.io", URI.create("https://m.org"));
        assertThat(settings.text(Key.LOCATION)).isEmpty();
        assertThat(settings.setting(Key.LOCATION).shown()).isEqualTo("None");
        assertThat(settings.text(Key.KEYSTORE)).isEmpty();
        assertThat(settings.notices()).isEmpty();
    }

    @Test
    void only_the_section_default_counts() throws IOException {
        udockers("[other]\ncmd = no\n[DEFAULT]\nlocation = yes\n[more]\nlocation = no\n");

        assertThat(read().text(Key.CMD)).isEqualTo("bash -i");
        assertThat(read().text(Key.LOCATION)).isEqualTo("yes");
    }

    /// udocker's fault 5: a file that anybody may have put there is obeyed, and the repository's own is not.
    @Test
    void the_file_of_the_repository_is_obeyed_however_the_repository_was_named() throws IOException {
        Path top = folder.resolve("top");
        file("top/udocker.conf", "cmd = theirs\n");

        assertThat(read(Map.of("UDOCKER_DIR", top.toString()), Map.of()).text(Key.CMD))
                .isEqualTo("theirs");
        assertThat(read(Map.of(), Map.of("repository", top.toString())).text(Key.CMD))
                .isEqualTo("theirs");
        assertThat(read().text(Key.CMD)).isEqualTo("bash -i");
    }

    @Test
    void what_udocker_does_not_know_is_told_and_does_not_stop() throws IOException {
        Path file = udockers("default_execution_mode = F3\nfoo = 1\n");

        assertThat(read().notices())
                .containsExactly(
                        file + ":1: there is no key 'default_execution_mode' (did you mean 'default_execution_modes'?)",
                        file + ":2: there is no key 'foo'");
    }

    @Test
    void every_problem_is_told_at_once() throws IOException {
        Path file = user("""
                repositry = /x
                no equals
                node_dir = tmp
                patience_seconds = soon
                insecure = perhaps
                registry = ftp://x.org
                proot = bin/proot
                registry_mirrors = docker.io, =https://x, a=b:\\c, docker.io=nonsense, b.org=https://u@h
                dockerio_index_url = ftp://i.org
                http_proxy = ftp://me:secret@p.org
                ca_file = /nonexistent
                cmd = "open
                dri_list = {"a": 1}
                docker_registries = {"a": {}}
                mode_order = R1, Q
                engine = docker
                scheduler = Slurm
                """);

        assertThat(Faults.expect(
                        Fault.BAD_INPUT,
                        () -> read(
                                Map.of("UDOCKER_LOGLEVEL", "high"),
                                Map.of(SettingsReader.CONFIG_FILE, folder + "/none"))))
                .hasMessageContainingAll(
                        file + ":1: there is no key 'repositry'",
                        file + ":2: 'no equals' is not 'key = value'",
                        "node_dir = tmp  (" + file + ":3) is not an absolute path",
                        "patience_seconds = soon",
                        "insecure = perhaps  (" + file + ":5) is neither yes nor no",
                        "ftp://x.org",
                        "proot = bin/proot",
                        "'docker.io' is not HOST=URL",
                        "'=https://x' is not HOST=URL",
                        "'a=b:\\c' is not HOST=URL",
                        "'docker.io=nonsense' is not HOST=URL",
                        "reading registry URL 'https://***@h'",
                        "ftp://i.org",
                        "reading proxy 'ftp://***@p.org'",
                        "ca_file: /nonexistent",
                        file + ":12: the value of 'cmd' does not end as it begins",
                        "dri_list = [...]  (" + file + ":13) is not a list",
                        "docker_registries = [...]",
                        "mode_order = R1, Q  (" + file + ":15) is not a list of modes",
                        "engine = docker  (" + file + ":16) is not one of own, crun, runc",
                        "scheduler = Slurm  (" + file + ":17) is not one of slurm,",
                        "UDOCKER_LOGLEVEL = high",
                        "--config: there is no file " + folder + "/none");
    }

    @Test
    void how_registries_are_reached_is_read_from_the_usual_variables_too() throws IOException {
        Path bundle = Files.writeString(folder.resolve("bundle.pem"), "-----BEGIN CERTIFICATE-----");

        Settings settings = read(
                Map.of(
                        "https_proxy", "http://p.org:3128",
                        "SSL_CERT_FILE", bundle.toString(),
                        "CURL_CA_BUNDLE", "/nonexistent",
                        "UDOCKER_INDEX", "https://i.org",
                        "UDOCKER_KEYSTORE", "keys"),
                Map.of("http_proxy", "socks5://me:secret@s.org"));

        assertThat(settings.registry().proxies().https().orElseThrow().host()).isEqualTo("p.org");
        assertThat(settings.registry().proxies().chosen().orElseThrow().host()).isEqualTo("s.org");
        assertThat(settings.setting(Key.HTTP_PROXY).shown()).contains("socks5://***@s.org");
        assertThat(settings.setting(Key.HTTP_PROXY).plain()).isEqualTo("socks5://***@s.org");
        assertThat(settings.registry().authorities()).containsExactly(bundle);
        assertThat(settings.registry().index()).isEqualTo("https://i.org");
        assertThat(settings.keystore().getFileName()).hasToString("keys");
    }

    @Test
    void mirrors_are_kept_in_their_order_for_each_host() {
        Settings settings = read(
                Map.of(
                        "BERTH_REGISTRY_MIRRORS",
                        "docker.io=https://m1.org/hub quay.io=http://q.org,docker.io=https://m2.org",
                        "BERTH_PLAIN_HTTP",
                        "node1:5000, node2:5000"),
                Map.of());

        assertThat(settings.registry().mirrors().sequencedKeySet()).containsExactly("docker.io", "quay.io");
        assertThat(settings.registry().mirrors().get("docker.io"))
                .containsExactly(URI.create("https://m1.org/hub"), URI.create("https://m2.org"));
        assertThat(settings.registry().plainHttpHosts()).containsExactly("node1:5000", "node2:5000");
    }

    @Test
    void a_repository_named_relatively_is_below_the_working_directory() {
        assertThat(read(Map.of(), Map.of("repository", "a/../repo"))
                        .repository()
                        .root())
                .isEqualTo(Path.of("").toAbsolutePath().resolve("repo"));
    }

    @Test
    void a_file_that_is_not_text_is_told_by_its_name() throws IOException {
        Path file = user("");
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 'x'});

        assertThat(Faults.expect(Fault.BAD_INPUT, this::read))
                .hasMessageContaining(file.toString())
                .hasMessageContaining("UTF-8");
    }

    /// Those who use a setting and the one who checks it know the same names.
    @Test
    void each_mode_engine_and_batch_system_can_be_set() {
        String modes = Stream.of(ExecutionMode.values()).map(Enum::name).collect(Collectors.joining(" "));
        assertThat(read(Map.of("BERTH_MODE_ORDER", modes + " p F r S"), Map.of())
                        .words(Key.MODE_ORDER))
                .hasSize(ExecutionMode.values().length + 4)
                .allSatisfy(word -> ModeOrder.parse(List.of(word), "the test"));
        for (Maker maker : Maker.values()) {
            assertThat(read(Map.of("BERTH_ENGINE", maker.label()), Map.of()).text(Key.ENGINE))
                    .isEqualTo(maker.label());
        }
        assertThat(Kind.ENGINE.complaint())
                .endsWith(" of " + Stream.of(Maker.values()).map(Maker::label).collect(Collectors.joining(", ")));
        String known = Faults.expect(Fault.BAD_INPUT, () -> Scheduler.named("?"))
                .hint()
                .orElseThrow();
        assertThat(Kind.SCHEDULER.complaint()).isEqualTo("is not " + known);
        for (String scheduler : known.replace("one of ", "").split(", ")) {
            assertThat(read(Map.of("BERTH_SCHEDULER", scheduler), Map.of()).text(Key.SCHEDULER))
                    .isEqualTo(scheduler);
        }
    }

    @Test
    void what_is_unset_is_at_its_default() throws IOException {
        user("patience_seconds = None\nnode_dir = None\nscheduler = None\nunpack_max_depth = None\nmode_order =\n");

        Settings settings = read();

        assertThat(settings.stage().patience()).isEqualTo(Duration.ofMinutes(30));
        assertThat(settings.stage().nodeDirectory()).isEqualTo(Path.of("/tmp"));
        assertThat(settings.text(Key.SCHEDULER)).isEqualTo("slurm");
        assertThat(settings.text(Key.UNPACK_MAX_DEPTH)).isEqualTo("256");
        assertThat(settings.words(Key.MODE_ORDER)).isEmpty();
    }

    /// Whoever removes the `#` in front of a line has a file that is understood.
    @Test
    void each_line_of_the_sample_file_holds_when_it_is_taken_in() throws IOException {
        Path authority = file("site.pem", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n");
        String sample = Files.readString(Path.of("deploy/etc/berth.conf"));
        Path taken =
                user(sample.replaceAll("(?m)^#([a-z_]+ = )", "$1").replace("/etc/pki/site.pem", authority.toString()));

        Settings settings = read();
        assertThat(settings.setting(Key.TOPDIR).shown()).isEqualTo("/scratch/images");
        assertThat(settings.words(Key.MODE_ORDER)).containsExactly("R1", "F", "P");
        assertThat(settings.program(Key.USE_PROOT_EXECUTABLE)).isEmpty();
        assertThat(Files.readAllLines(taken).stream().filter(line -> line.matches("[a-z_]+ = .*")))
                .hasSizeGreaterThan(12);
        user(sample);
        assertThat(read().setting(Key.TOPDIR).source()).isEqualTo("default");
    }

    @Test
    void the_document_names_each_key_that_udocker_does_not_have() throws IOException {
        String document = Files.readString(Path.of("docs/settings.md"));

        assertThat(Stream.of(Key.values())
                        .filter(key -> !key.variables().isEmpty())
                        .filter(key -> key.variables().stream().noneMatch(name -> name.startsWith("UDOCKER_"))))
                .hasSizeGreaterThan(15)
                .allSatisfy(key -> assertThat(document).contains("`" + key.label() + "`"));
    }

    @Test
    void a_variable_that_cannot_be_read_is_named_once() {
        assertThat(Faults.expect(Fault.BAD_INPUT, () -> read(Map.of("BERTH_NODE_DIR", "tmp"), Map.of())))
                .hasMessageContaining("BERTH_NODE_DIR = tmp is not an absolute path");
    }
}
