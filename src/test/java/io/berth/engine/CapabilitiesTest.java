package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CapabilitiesTest {
    private static final Path DOCUMENT = Path.of("docs/modes.md");
    private static final String MARK = "<!-- from here on made from engine.Capabilities; see CapabilitiesTest -->\n\n";

    /// `-Dberth.golden.update=true` writes it anew.
    @Test
    void the_document_shows_the_table_that_is_used() throws IOException {
        String text = Files.readString(DOCUMENT);
        assertThat(text).contains(MARK);
        String wanted = text.substring(0, text.indexOf(MARK)) + MARK + CapabilityText.tables();
        if (Boolean.getBoolean("berth.golden.update")) {
            Files.writeString(DOCUMENT, wanted);
        }
        assertThat(Files.readString(DOCUMENT)).isEqualTo(wanted);
    }

    @Test
    void the_first_demand_that_cannot_be_met_is_the_objection() {
        Demand can = new Demand(Feature.FOLDER_VOLUME, "show /a");
        Demand port = new Demand(Feature.MOVED_PORT, "map port 80", " 8080");

        assertThat(Capabilities.objection(ExecutionMode.P1, List.of(can, port))).isEmpty();
        assertThat(Capabilities.objection(ExecutionMode.R1, List.of(can, port)))
                .contains("map port 80: the network is the host's: let the program listen on the outer port 8080");
        assertThat(Capabilities.objection(Maker.RUNC, List.of(new Demand(Feature.OWN_USER, "show your own user"))))
                .hasValueSatisfying(text -> assertThat(text).startsWith("show your own user: runc "));
    }
}
