package io.berth.image.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/// The expected text is what Python 3 prints.
@DisplayNameGeneration(ReplaceUnderscores.class)
class PythonJsonTest {
    private static final String JSON =
            "{\"b\":[1,2.50,true,null,{}],\"a\":{\"z\":\"\\u00fc\\n\\\"\\\\ \\u007f\\ud83d\\ude00/\",\"y\":[]}}";

    @Test
    void one_line_is_that_of_json_dump() throws IOException {
        assertThat(PythonJson.line(JsonTree.parse(JSON)))
                .isEqualTo("{\"b\": [1, 2.50, true, null, {}], "
                        + "\"a\": {\"z\": \"\\u00fc\\n\\\"\\\\ \\u007f\\ud83d\\ude00/\", \"y\": []}}");
    }

    @Test
    void the_indented_form_sorts_its_keys() throws IOException {
        assertThat(PythonJson.indented(JsonTree.parse(JSON))).isEqualTo("""
                {
                    "a": {
                        "y": [],
                        "z": "\\u00fc\\n\\"\\\\ \\u007f\\ud83d\\ude00/"
                    },
                    "b": [
                        1,
                        2.50,
                        true,
                        null,
                        {}
                    ]
                }""");
    }
}
