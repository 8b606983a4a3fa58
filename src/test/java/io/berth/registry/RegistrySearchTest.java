package io.berth.registry;

import static io.berth.registry.ClientFixture.reference;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.FakeRegistry;
import io.berth.fake.FakeRegistryTrouble;
import io.berth.fake.Faults;
import io.berth.fault.Fault;
import io.berth.registry.RegistrySearch.Scope;
import io.berth.registry.auth.Credentials;
import io.berth.registry.http.Proxies;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RegistrySearchTest {
    private static final String JSON = "application/json";
    private static final String V2 = "/v2/search/repositories";

    private final FakeRegistry index = FakeRegistry.start();
    private final FakeRegistry registry = FakeRegistry.start();

    @AfterEach
    void stop() {
        index.close();
        registry.close();
    }

    private RegistrySearch search(Credentials credentials) {
        return new RegistrySearch(
                ClientFixture.options(registry.url().toString())
                        .with(index.url().toString(), Map.of(), Proxies.none(), List.of()),
                credentials);
    }

    private List<FoundImage> found(String words, Scope scope) {
        List<FoundImage> found = new ArrayList<>();
        Optional<Iterator<List<FoundImage>>> pages = search(Credentials.none()).pages(words, scope, 25);
        pages.ifPresent(all -> all.forEachRemaining(found::addAll));
        return found;
    }

    private static FakeRegistryTrouble pages(String... bodies) {
        return (exchange, good) -> {
            String query = exchange.getRequestURI().getRawQuery();
            int page = Integer.parseInt(query.replaceFirst(".*&page=([0-9]+).*", "$1"));
            FakeRegistryTrouble.status(page > bodies.length ? 404 : 200, bodies[Math.min(page, bodies.length) - 1])
                    .strike(exchange, good);
        };
    }

    @Test
    void docker_hub_is_searched_page_by_page_and_only_as_far_as_one_reads() {
        index.troubleAlways(
                V2,
                pages(
                        "{\"count\":2,\"next\":\"https://elsewhere/?page=2\",\"results\":[{\"repo_name\":\"gromacs/gromacs\","
                                + "\"short_description\":\"MD\",\"star_count\":42,\"is_official\":false}]}",
                        "{\"count\":2,\"next\":\"\",\"results\":[{\"repo_name\":\"gcc\",\"short_description\":\"\","
                                + "\"star_count\":0,\"is_official\":true}]}"));
        Iterator<List<FoundImage>> pages = search(Credentials.none())
                .pages("g c+", Scope.INDEX_AND_REGISTRY, 25)
                .orElseThrow();
        assertThat(pages.next()).containsExactly(new FoundImage("gromacs/gromacs", false, "MD", "42"));
        assertThat(index.requests()).hasSize(1);
        assertThat(index.requests().getFirst().query()).isEqualTo("query=g+c%2B&page_size=25&page=1");
        assertThat(pages.next()).containsExactly(new FoundImage("gcc", true, "", "0"));
        assertThat(pages.hasNext()).isFalse();
        assertThat(registry.requests()).isEmpty();
    }

    @Test
    void an_index_of_the_first_version_is_searched_too() {
        index.troubleAlways(
                "/v1/search",
                pages(
                        "{\"num_pages\":2,\"page\":1,\"results\":[{\"name\":\"lab/a\",\"description\":\"A\",\"star_count\":1}]}",
                        "{\"num_pages\":2,\"page\":2,\"results\":[{\"name\":\"lab/b\",\"description\":null}]}"));
        assertThat(found("lab", Scope.INDEX))
                .containsExactly(new FoundImage("lab/a", false, "A", "1"), new FoundImage("lab/b", false, "", ""));
        assertThat(index.requests(V2)).hasSize(1);
    }

    @Test
    void quay_is_searched_in_its_own_way() {
        registry.troubleAlways(
                "/api/v1/find/repositories",
                pages("{\"results\":[{\"namespace\":{\"name\":\"bio\"},\"name\":\"samtools\",\"description\":\"S\","
                        + "\"stars\":7}],\"has_additional\":false}"));
        assertThat(found("sam", Scope.REGISTRY)).containsExactly(new FoundImage("bio/samtools", false, "S", "7"));
    }

    @Test
    void any_other_registry_lists_its_repositories_over_all_pages() {
        registry.troubleNext(1, "_catalog", (exchange, good) -> {
            exchange.getResponseHeaders().set("Link", "</v2/_catalog?last=b&n=2>; rel=\"next\"");
            FakeRegistryTrouble.status(200, "{\"repositories\":[\"lab/solver\",\"other\"]}")
                    .strike(exchange, good);
        });
        registry.put("/v2/_catalog", JSON, "{\"repositories\":[\"my/SOLVER\"]}");
        assertThat(found("solver", Scope.INDEX_AND_REGISTRY))
                .extracting(FoundImage::name)
                .containsExactly("lab/solver", "my/SOLVER");
        assertThat(registry.requests("_catalog").getLast().query()).isEqualTo("last=b&n=2");
    }

    @Test
    void a_registry_in_the_words_is_the_one_to_search() {
        registry.put("/v2/_catalog", JSON, "{\"repositories\":[\"lab/solver\",\"x\"]}");
        assertThat(found(registry.host() + "/lab", Scope.INDEX))
                .extracting(FoundImage::name)
                .containsExactly("lab/solver");
        assertThat(found(registry.host() + "/", Scope.INDEX)).hasSize(2);
        assertThat(index.requests()).isEmpty();
    }

    @Test
    void who_answers_no_search_is_told_apart_from_who_wants_a_password() {
        assertThat(search(Credentials.none()).pages("x", Scope.INDEX_AND_REGISTRY, 25))
                .isEmpty();
        registry.requireBasic("me", "pw");
        assertThat(Faults.expect(Fault.NOT_ALLOWED, () -> found("x", Scope.INDEX_AND_REGISTRY))
                        .hint()
                        .orElseThrow())
                .contains("berth login --registry=" + registry.host());
        registry.put("/v2/_catalog", JSON, "{\"repositories\":[\"x\"]}");
        assertThat(search(ClientFixture.user("me", "pw")).pages("x", Scope.REGISTRY, 25))
                .isPresent();
    }

    @Test
    void an_index_that_is_not_there_is_an_error() {
        index.close();
        assertThat(Faults.expect(Fault.UNREACHABLE, () -> found("x", Scope.INDEX_AND_REGISTRY)))
                .hasMessageContaining(index.host());
        registry.put("/v2/_catalog", JSON, "{\"repositories\":[\"x\"]}");
        assertThat(found("x", Scope.INDEX_AND_REGISTRY))
                .as("unless the registry answers")
                .hasSize(1);
    }

    @Test
    void pages_of_html_and_endless_answers_are_no_results() {
        for (String path : List.of(V2, "/v1/search", "/api/v1/find")) {
            index.troubleAlways(path, FakeRegistryTrouble.status(200, "<html>welcome</html>"));
        }
        index.troubleAlways("_catalog", FakeRegistryTrouble.endless());
        assertThat(Faults.expect(Fault.CORRUPT, () -> found("x", Scope.INDEX))).hasMessageContaining("longer than");
    }

    @Test
    void a_catalog_that_leads_in_a_circle_ends() {
        registry.troubleAlways("_catalog", (exchange, good) -> {
            exchange.getResponseHeaders().set("Link", "</v2/_catalog?n=1>; rel=\"next\"");
            FakeRegistryTrouble.status(200, "{\"repositories\":[\"a\"]}").strike(exchange, good);
        });
        assertThat(found("a", Scope.REGISTRY)).hasSize(2);
    }

    // --- tags

    private List<String> tags() {
        return ClientFixture.plain().client().tags(reference(registry.host() + "/lab/solver"));
    }

    private void tagsLeadTo(String link) {
        registry.troubleNext(1, "/tags/list", (exchange, good) -> {
            exchange.getResponseHeaders().set("Link", link);
            FakeRegistryTrouble.status(200, "{\"name\":\"lab/solver\",\"tags\":[\"1\",\"2\"]}")
                    .strike(exchange, good);
        });
    }

    @Test
    void tags_are_listed_over_all_pages_in_the_registrys_order() {
        tagsLeadTo("</v2/lab/solver/tags/list?last=2>; rel=\"next\"");
        registry.put("/v2/lab/solver/tags/list", JSON, "{\"tags\":[\"0\"]}");
        assertThat(tags()).containsExactly("1", "2", "0");
        assertThat(registry.requests("/tags/").getLast().query()).isEqualTo("last=2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<http://127.0.0.1:1/v2/x>; rel=\"next\"",
                "<file:///etc/passwd>; rel=next",
                "nonsense",
                "<:>; rel=\"next\""
            })
    void a_next_page_elsewhere_is_not_fetched(String link) {
        tagsLeadTo(link);
        assertThat(tags()).containsExactly("1", "2");
    }

    @Test
    void a_repository_without_tags_has_none() {
        registry.put("/v2/lab/solver/tags/list", JSON, "{\"name\":\"lab/solver\",\"tags\":null}");
        assertThat(tags()).isEmpty();
        assertThat(Faults.expect(
                        Fault.NOT_FOUND,
                        () -> ClientFixture.plain().client().tags(reference(registry.host() + "/no/such"))))
                .hasMessageContaining("listing tags of " + registry.host() + "/no/such");
    }
}
