package io.berth.registry.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ChallengeTest {
    @Test
    void docker_hubs_challenge_is_read() {
        assertThat(read("Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\","
                        + "scope=\"repository:library/debian:pull\""))
                .containsExactly(new Challenge(
                        "bearer",
                        Map.of(
                                "realm", "https://auth.docker.io/token",
                                "service", "registry.docker.io",
                                "scope", "repository:library/debian:pull")));
    }

    @Test
    void commas_and_quotes_inside_a_quoted_value_stay_there() {
        assertThat(read("Bearer realm=\"https://a/t\",scope=\"repository:x:pull,push\",note=\"a \\\"b\\\", c\""))
                .containsExactly(new Challenge(
                        "bearer",
                        Map.of("realm", "https://a/t", "scope", "repository:x:pull,push", "note", "a \"b\", c")));
    }

    @Test
    void blanks_are_allowed_everywhere() {
        assertThat(read("  BEARER   Realm = \"https://a/t\" ,  Service = \"s\"  , "))
                .containsExactly(new Challenge("bearer", Map.of("realm", "https://a/t", "service", "s")));
    }

    @Test
    void unquoted_values_end_at_a_comma_or_blank() {
        assertThat(read("Bearer realm=https://a/t?x=1,service=s"))
                .containsExactly(new Challenge("bearer", Map.of("realm", "https://a/t?x=1", "service", "s")));
    }

    @Test
    void several_challenges_in_one_line_are_told_apart() {
        assertThat(read("Negotiate, Basic realm=\"a, b\", Bearer realm=\"https://a/t\",service=\"s\""))
                .extracting(Challenge::scheme)
                .containsExactly("negotiate", "basic", "bearer");
    }

    @Test
    void several_lines_are_several_challenges() {
        assertThat(Challenge.parse(List.of("Basic realm=\"x\"", "Bearer realm=\"https://a/t\"")))
                .extracting(Challenge::scheme)
                .containsExactly("basic", "bearer");
    }

    @Test
    void text_that_is_no_challenge_does_no_harm() {
        assertThat(read("")).isEmpty();
        assertThat(read(" , ,")).isEmpty();
        assertThat(read("=\"x")).hasSize(1);
        assertThat(read("Bearer realm=")).containsExactly(new Challenge("bearer", Map.of("realm", "")));
        assertThat(read("Bearer realm=\"https://a/t"))
                .containsExactly(new Challenge("bearer", Map.of("realm", "https://a/t")));
        assertThat(read("Bearer realm=\"x\\")).hasSize(1);
    }

    @Test
    void secrets_are_not_printed() {
        Credential credential = new Credential("me", new Secret("pw"));
        assertThat(credential.toString()).doesNotContain("pw").contains("***");
        assertThat(credential.basic().reveal()).isEqualTo("Basic bWU6cHc=");
    }

    private static List<Challenge> read(String line) {
        return Challenge.parse(List.of(line));
    }
}
