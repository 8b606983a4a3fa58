package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.app.LogIn;
import io.berth.app.LogOut;
import io.berth.app.LongWork;
import io.berth.app.PullImage;
import io.berth.app.SearchImages;
import io.berth.app.ShowManifest;
import io.berth.fake.FakeRegistry;
import io.berth.fake.FakeRegistryTrouble;
import io.berth.fake.ImageFixture;
import io.berth.files.UnixStat;
import io.berth.progress.Progress;
import io.berth.registry.RegistryClient;
import io.berth.registry.RegistryOptions;
import io.berth.registry.RegistrySearch;
import io.berth.registry.auth.Credentials;
import io.berth.registry.auth.Keystore;
import io.berth.registry.http.Proxies;
import io.berth.store.Repository;
import io.berth.store.RepositoryLayout;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands that ask registries, with a registry and a person made of a few lines.
@DisplayNameGeneration(ReplaceUnderscores.class)
class RegistryVerbsTest {
    private static final String HEADER = "%-55s %8s %-70s %5s".formatted("NAME", "OFFICIAL", "DESCRIPTION", "STARS");

    @TempDir
    Path folder;

    private final FakeRegistry registry = FakeRegistry.start();
    private final ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    private final Person person = new Person();
    private Map<String, String> settings = Map.of();
    private Duration slow = Duration.ofHours(1);

    @AfterEach
    void stop() {
        registry.close();
    }

    private final class Tools extends FakeToolbox {
        Tools() {
            super(Repository.existing(RepositoryLayout.under(folder), Duration.ofSeconds(5)));
        }

        private RegistryOptions options() {
            return new RegistryOptions(
                            registry.url().toString(),
                            new LinkedHashMap<>(),
                            new LinkedHashSet<>(),
                            false,
                            Duration.ofSeconds(5),
                            Duration.ofSeconds(5),
                            1)
                    .with(registry.url().toString(), Map.of(), Proxies.none(), List.of());
        }

        private Keystore keystore() {
            return new Keystore(folder.resolve("keystore"), UnixStat.of(folder).uid(), Duration.ofSeconds(5));
        }

        @Override
        public PullImage pullImage(Progress progress) {
            Repository repository =
                    Repository.open(RepositoryLayout.under(folder.resolve("pulled")), Duration.ofSeconds(5));
            return new PullImage(new RegistryClient(options(), Credentials.none()), repository, progress);
        }

        @Override
        public LongWork longWork(Consumer<String> say) {
            return new LongWork(slow, "n7", say);
        }

        @Override
        public LogIn logIn() {
            return new LogIn(options(), keystore());
        }

        @Override
        public LogOut logOut() {
            return new LogOut(options(), keystore());
        }

        @Override
        public SearchImages searchImages() {
            return new SearchImages(
                    new RegistrySearch(options(), Credentials.none()),
                    new RegistryClient(options(), Credentials.none()));
        }

        @Override
        public ShowManifest showManifest() {
            return new ShowManifest(new RegistryClient(options(), Credentials.none()));
        }

        @Override
        public Terminal terminal() {
            return RegistryVerbsTest.this.person;
        }
    }

    private int run(String... words) {
        outBytes.reset();
        errBytes.reset();
        Cli cli = new Cli(
                new Front("berth", folder, 1000, false, false, false, 80),
                given -> {
                    settings = given;
                    Tools tools = new Tools();
                    tools.given(given);
                    return tools;
                },
                new PrintStream(outBytes, true, StandardCharsets.UTF_8),
                new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        return cli.execute(words);
    }

    private String out() {
        return outBytes.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return errBytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void a_pull_in_a_job_says_one_line_when_it_takes_long_and_none_when_it_does_not() {
        registry.push("lab/x", "1", ImageFixture.of(Map.of("a", "1")))
                .push("lab/y", "1", ImageFixture.of(Map.of("b", "2")));
        assertThat(run("--quiet", "pull", "--in-job", registry.host() + "/lab/x:1"))
                .isZero();
        assertThat(err()).isEmpty();
        slow = Duration.ofMillis(1);
        registry.troubleNext(1, "lab/y/blobs", (exchange, good) -> {
            while (err().isEmpty()) {
                Thread.onSpinWait();
            }
            FakeRegistryTrouble.slow(Duration.ZERO).strike(exchange, good);
        });

        assertThat(run("--quiet", "pull", "--in-job", registry.host() + "/lab/y:1"))
                .isZero();

        assertThat(err()).matches("berth: still fetching " + registry.host() + "/lab/y:1 on node n7 after 0 s.*\n");
    }

    private void results(int count) {
        String found = IntStream.range(0, count)
                .mapToObj(i -> "{\"name\":\"lab/a" + i + "\",\"description\":\"d\",\"star_count\":" + i + "}")
                .collect(Collectors.joining(","));
        registry.troubleAlways(
                "/v2/search", FakeRegistryTrouble.status(200, "{\"next\":null,\"results\":[" + found + "]}"));
    }

    @Test
    void results_stand_in_udockers_columns_and_are_cut_to_them() {
        registry.troubleAlways(
                "/v2/search",
                FakeRegistryTrouble.status(
                        200,
                        "{\"results\":[{\"repo_name\":\"" + "n".repeat(60)
                                + "\",\"is_official\":true,\"short_description\":\"" + "d\\n\\u001b[31m".repeat(20)
                                + "\",\"star_count\":123456}]}"));
        assertThat(run("search", "x")).isZero();
        assertThat(out())
                .isEqualTo(HEADER + "\n" + "n".repeat(55) + "     [OK] "
                        + "d [31m".repeat(20).substring(0, 70) + " 12345\n");
        assertThat(run("search", "--no-trunc", "x")).isZero();
        assertThat(out()).contains("n".repeat(60) + " ", " 123456\n").doesNotContain("\u001b");
        assertThat(run("search", "--json", "x")).isZero();
        assertThat(out())
                .startsWith("[{\"name\":\"nnn")
                .contains("\"official\":true", "\\u000a\\u001b[31m", "\"stars\":123456}]");
    }

    @Test
    void someone_at_a_terminal_gets_a_page_at_a_time() {
        results(8);
        person.there = true;
        person.answers.addAll(List.of("", "q"));
        assertThat(run("search", "lab")).isZero();
        assertThat(out().lines()).hasSize(1 + 6);
        assertThat(person.asked).containsExactly("[press return or q to quit]", "[press return or q to quit]");
        assertThat(registry.requests("/v2/search").getFirst().query()).contains("page_size=3");
        person.asked.clear();
        assertThat(run("search", "-a", "lab")).isZero();
        assertThat(out().lines()).hasSize(1 + 8);
        person.there = false;
        assertThat(run("search", "lab")).isZero();
        assertThat(out().lines()).hasSize(1 + 8);
        assertThat(person.asked).isEmpty();
    }

    @Test
    void who_answers_no_searches_gives_a_header_and_a_notice() {
        assertThat(run("search", "x")).isZero();
        assertThat(out()).isEqualTo(HEADER + "\n");
        assertThat(err()).contains("does not answer searches");
    }

    @Test
    void tags_are_listed_one_a_line_or_as_json() {
        registry.put("/v2/lab/a/tags/list", "application/json", "{\"tags\":[\"2\",\"10\"]}");
        assertThat(run("search", "--list-tags", "lab/a")).isZero();
        assertThat(out()).isEqualTo("2\n10\n");
        assertThat(run("search", "lab/a", "--list-tags", "--json")).isZero();
        assertThat(out()).isEqualTo("[\"2\",\"10\"]\n");
        assertThat(run("search", "--list-tags", "Bad Name")).isEqualTo(2);
    }

    @Test
    void options_after_a_command_are_settings_and_win() {
        run("--registry=before", "search", "--registry=after", "--index=i", "--httpproxy=p", "--insecure", "x");
        assertThat(settings)
                .isEqualTo(
                        Map.of("registry", "after", "dockerio_index_url", "i", "http_proxy", "p", "insecure", "yes"));
    }

    @Test
    void a_manifest_is_shown_in_udockers_form() {
        ImageFixture image = ImageFixture.of(Map.of("a", "b"));
        registry.pushIndex("lab/a", "1", image);
        assertThat(run("manifest", "inspect", registry.host() + "/lab/a:1")).isZero();
        assertThat(out())
                .startsWith("{\n    \"manifests\": [\n        {\n            \"digest\": \"sha256:")
                .endsWith("\n}\n");
        assertThat(run("manifest", "--platform=linux/amd64", "inspect", registry.host() + "/lab/a:1"))
                .isZero();
        assertThat(out()).contains("\"layers\": [");
        assertThat(run("manifest", "inspect", "--platform=linux/s390x", registry.host() + "/lab/a:1"))
                .isEqualTo(1);
        assertThat(err()).contains("there is linux/amd64");
        assertThat(run("manifest", "inspect")).isEqualTo(2);
        assertThat(run("manifest", "destroy", "x")).isEqualTo(2);
    }

    @Test
    void a_login_asks_for_what_is_missing_and_hides_the_password() {
        registry.put("/v2/", "application/json", "{}").requireBasic("me", "Secret");
        person.there = true;
        person.answers.addAll(List.of("me", "Secret"));
        assertThat(run("login")).isZero();
        assertThat(person.asked).containsExactly("username: ", "hidden password: ");
        assertThat(err()).isEqualTo("berth: logged in to " + registry.url() + " as me\n");
        assertThat(run("logout")).isZero();
        assertThat(run("logout")).isEqualTo(1);
        assertThat(run("logout", "-a")).isZero();
    }

    @Test
    void a_password_from_standard_input_loses_only_its_line_end() {
        registry.put("/v2/", "application/json", "{}").requireBasic("me", " a b ");
        person.input = " a b \r\n";
        assertThat(run("login", "--username=me", "--password-stdin")).isZero();
    }

    @Test
    void what_looks_wrong_about_a_password_is_said_and_never_the_password() {
        registry.put("/v2/", "application/json", "{}").requireBasic("me", "SECRET");
        assertThat(run("login", "--username=me", "--password=SECRET")).isZero();
        assertThat(err()).contains("Caps Lock", "others may see").doesNotContain("SECRET");
        assertThat(run("login", "--username=me", "--password=secret")).isEqualTo(1);
        assertThat(err()).contains("nothing is stored").doesNotContain("secret", "Caps Lock");
        assertThat(run("login", "--username=me")).isEqualTo(2);
        assertThat(run("login", "--username=", "--password=x")).isEqualTo(2);
        assertThat(run("login", "--username=a:b", "--password=x")).isEqualTo(2);
        assertThat(run("login", "--username=a", "--password=")).isEqualTo(2);
    }
}
