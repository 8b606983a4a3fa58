package io.berth.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class EvidenceTest {
    @TempDir
    Path folder;

    private Path file(String name) throws IOException {
        return Files.writeString(folder.resolve(name), "text");
    }

    private static void tick() throws InterruptedException {
        Thread.sleep(50);
    }

    private static List<String> heads(Evidence evidence) {
        return evidence.lines().stream().map(List::getFirst).toList();
    }

    @Test
    void a_file_that_had_settled_before_is_sure() throws Exception {
        Path file = file("old");
        tick();
        Evidence evidence = Evidence.begin();
        evidence.content(file);
        evidence.content(folder.resolve("absent"));
        evidence.content(file.resolve("below"));
        assertThat(evidence.isSure()).isTrue();
        assertThat(heads(evidence)).containsExactly("content", "none", "none");
    }

    @Test
    void what_is_moved_is_known_at_its_new_place() throws Exception {
        Path inner = Files.createDirectory(folder.resolve("inner"));
        Path file = file("inner/file");
        tick();
        Evidence evidence = Evidence.begin();
        evidence.content(file);
        evidence.entry(file);
        evidence.kind(inner);
        evidence.content(folder.resolve("absent"));
        evidence.move(file, folder.resolve("moved"));
        evidence.move(inner, folder.resolve("outer"));
        Evidence found = Evidence.begin();
        found.content(folder.resolve("absent"));
        found.kind(folder.resolve("outer"));
        found.entry(folder.resolve("moved"));
        found.content(folder.resolve("moved"));
        assertThat(evidence.isSure()).isTrue();
        assertThat(evidence.lines()).containsExactlyInAnyOrderElementsOf(found.lines());
        evidence.forget(folder);
        assertThat(evidence.lines()).isEmpty();
    }

    @Test
    void what_has_changed_before_it_is_moved_is_not() throws Exception {
        Path file = file("file");
        tick();
        Evidence evidence = Evidence.begin();
        evidence.content(file);
        tick();
        Files.writeString(file, "else");
        evidence.move(file, folder.resolve("moved"));
        assertThat(evidence.isSure()).isFalse();
    }

    @Test
    void one_that_has_just_changed_or_changes_meanwhile_is_not() throws Exception {
        Path old = file("old");
        tick();
        Path young = file("young");
        Evidence evidence = Evidence.begin();
        evidence.content(young);
        assertThat(evidence.isSure()).isFalse();
        Evidence other = Evidence.begin();
        Files.setPosixFilePermissions(old, PosixFilePermissions.fromString("r--------"));
        other.content(old);
        assertThat(other.isSure()).isFalse();
        Evidence own = Evidence.begin();
        own.ownContent(file("own"));
        assertThat(own.isSure()).isTrue();
    }

    @Test
    void links_are_told_from_what_they_lead_to() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("absent"));
        Evidence evidence = Evidence.begin();
        evidence.entry(link);
        evidence.kind(link);
        evidence.entry(folder);
        assertThat(evidence.lines().getFirst()).containsExactly("link", link.toString(), "absent");
        assertThat(heads(evidence)).containsExactly("link", "none", "entry");
        assertThat(evidence.isSure()).isTrue();
        evidence.doubt();
        assertThat(evidence.isSure()).isFalse();
    }

    @Test
    void what_the_kernel_says_is_taken_word_by_word() throws Exception {
        Evidence evidence = Evidence.begin();
        evidence.text(file("kernel"));
        evidence.text(folder.resolve("absent"));
        assertThat(evidence.lines().getFirst()).endsWith("text");
        assertThat(heads(evidence)).containsExactly("text", "none");
        assertThat(evidence.isSure()).isTrue();
    }

    @Test
    void what_nobody_wants_is_not_looked_at() throws Exception {
        Evidence evidence = Evidence.unwanted();
        evidence.content(file("any"));
        evidence.kind(folder);
        evidence.entry(folder);
        assertThat(evidence.lines()).isEmpty();
        assertThat(evidence.isSure()).isFalse();
    }
}
