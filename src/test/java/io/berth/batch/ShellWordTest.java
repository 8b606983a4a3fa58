package io.berth.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.process.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ShellWordTest {
    @Test
    void what_needs_no_quotes_has_none() {
        assertThat(ShellWord.quoteAll(List.of("--a=b", "/x:y", "1.5", "user@host", "100%")))
                .isEqualTo("--a=b /x:y 1.5 user@host 100%");
        assertThat(ShellWord.quoteAll(List.of("", "~", "a b", "it's", "#x"))).isEqualTo("'' '~' 'a b' 'it'\\''s' '#x'");
    }

    /// Every printable and control byte of ASCII, alone and in seeded mixtures, through a real shell.
    @Test
    void every_word_comes_out_of_a_shell_as_it_went_in() {
        List<String> words = new ArrayList<>(List.of("", "\u00fc\ud83d\udea2", "-n", "a\nb\n"));
        for (int c = 1; c < 127; c++) {
            words.add(Character.toString(c));
        }
        Random random = new Random(3);
        for (int i = 0; i < 300; i++) {
            words.add(random.ints(1 + random.nextInt(10), 1, 127)
                    .mapToObj(Character::toString)
                    .reduce("", String::concat));
        }

        Command.Result result = Command.run(
                List.of("/bin/sh", "-c", "printf '%s\\001\\n' " + ShellWord.quoteAll(words)), Duration.ofSeconds(60));

        assertThat(result.output()).isEqualTo(String.join("\u0001\n", words) + "\u0001\n");
    }
}
