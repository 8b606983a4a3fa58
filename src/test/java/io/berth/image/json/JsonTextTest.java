package io.berth.image.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class JsonTextTest {
    /// What Python's `json.dumps(value, sort_keys=True, indent=4, separators=(',', ': '))` makes of it.
    @Test
    void json_is_written_as_udocker_prints_it() throws IOException {
        assertThat(
                        JsonText.sorted(
                                "{\"b\":[1,2.50,true,null,[],{}],\"a\":{\"z\":\"\\u00e9\\ud83d\\ude00\",\"B\":\"q\\\"\\\\\\n\\t\\u007f/\"},\"\":\"\"}"))
                .isEqualTo("""
                        {
                            "": "",
                            "a": {
                                "B": "q\\"\\\\\\n\\t\\u007f/",
                                "z": "\\u00e9\\ud83d\\ude00"
                            },
                            "b": [
                                1,
                                2.50,
                                true,
                                null,
                                [],
                                {}
                            ]
                        }""");
    }

    @Test
    void values_of_java_keep_their_order() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("z", List.of("a"));
        map.put("a", Arrays.asList(1L, null, false));

        assertThat(JsonText.of(map)).isEqualTo("""
                {
                    "z": [
                        "a"
                    ],
                    "a": [
                        1,
                        null,
                        false
                    ]
                }""");
    }
}
