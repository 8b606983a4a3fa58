package io.berth.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class NearestTest {
    private static final List<String> KNOWN = List.of("pull", "images", "inspect", "ps", "rm", "rmi", "--volume");

    @ParameterizedTest
    @CsvSource({"pul,pull", "plul,pull", "image,images", "Images,images", "inspct,inspect", "rmm,rm", "--volme,--volume"
    })
    void a_mistyped_word_has_its_nearest(String word, String wanted) {
        assertThat(Nearest.to(word, KNOWN)).contains(wanted);
    }

    @ParameterizedTest
    @CsvSource({"xy", "completely", "debian"})
    void what_is_far_from_all_has_none(String word) {
        assertThat(Nearest.to(word, KNOWN)).isEmpty();
    }

    @Test
    void the_hint_is_the_question_or_the_other() {
        assertThat(Nearest.hint("pul", KNOWN, "x")).isEqualTo("did you mean 'pull'?");
        assertThat(Nearest.hint("zzzzzz", KNOWN, "x")).isEqualTo("x");
    }
}
