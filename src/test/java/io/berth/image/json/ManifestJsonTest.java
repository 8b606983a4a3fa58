package io.berth.image.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fault.Fault;
import io.berth.image.Descriptor;
import io.berth.image.Digest;
import io.berth.image.ImageConfig;
import io.berth.image.Manifest;
import io.berth.image.MediaTypes;
import io.berth.image.Platform;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ManifestJsonTest {
    private static final Digest A = Digest.sha256Of(new byte[] {1});
    private static final Digest B = Digest.sha256Of(new byte[] {2});

    @Test
    void a_manifest_lists_its_layers_oldest_first() {
        Manifest manifest = ManifestJson.manifest("""
                {"schemaVersion": 2, "mediaType": "%s", "annotations": {"x": "y"},
                 "config": {"mediaType": "c", "digest": "%s", "size": 7},
                 "layers": [{"mediaType": "l", "digest": "%s", "size": 0}, {"digest": "%s", "size": 5000000000}]}
                """.formatted(MediaTypes.DOCKER_MANIFEST, A, A, B));

        assertThat(manifest)
                .isEqualTo(new Manifest(
                        MediaTypes.DOCKER_MANIFEST,
                        new Descriptor("c", A, 7),
                        java.util.List.of(new Descriptor("l", A, 0), new Descriptor("", B, 5_000_000_000L))));
    }

    @Test
    void what_the_text_says_of_its_type_counts_more_than_what_the_registry_says() {
        String silent = "{\"schemaVersion\": 2, \"config\": {\"digest\": \"" + A + "\", \"size\": 1}, \"layers\": []}";

        assertThat(ManifestJson.read(silent, "announced"))
                .isInstanceOfSatisfying(
                        ManifestJson.Document.Single.class,
                        single -> assertThat(single.manifest().mediaType()).isEqualTo("announced"));
        assertThat(ManifestJson.read(silent.replace("{\"s", "{\"mediaType\": \"own\", \"s"), "announced"))
                .isInstanceOfSatisfying(
                        ManifestJson.Document.Single.class,
                        single -> assertThat(single.manifest().mediaType()).isEqualTo("own"));
    }

    @Test
    void an_index_is_read_with_and_without_platforms() {
        ManifestJson.Document document = ManifestJson.read("""
                {"schemaVersion": 2, "manifests": [
                  {"digest": "%s", "size": 1},
                  {"digest": "%s", "size": 2, "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}}]}
                """.formatted(A, B), MediaTypes.OCI_INDEX);

        assertThat(document).isInstanceOfSatisfying(ManifestJson.Document.Many.class, many -> {
            assertThat(many.index().entries()).hasSize(2);
            assertThat(many.index().entries().getFirst().platform()).isEmpty();
            assertThat(many.index()
                            .choose(Platform.parse("linux/arm64"))
                            .orElseThrow()
                            .digest())
                    .isEqualTo(B);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "\"text\"",
                "{",
                "<html>",
                "{}",
                "{\"schemaVersion\": 1, \"fsLayers\": []}",
                "{\"schemaVersion\": 2}",
                "{\"schemaVersion\": 2, \"config\": {}}",
                "{\"schemaVersion\": 2, \"config\": {\"digest\": \"sha256:12\", \"size\": 1}}",
                "{\"schemaVersion\": 2, \"config\": {\"digest\": \"DIGEST\"}, \"layers\": []}",
                "{\"schemaVersion\": 2, \"config\": {\"digest\": \"DIGEST\", \"size\": -4}, \"layers\": []}",
                "{\"schemaVersion\": 2, \"config\": {\"digest\": \"DIGEST\", \"size\": 1}, \"layers\": [{}]}",
                "{\"schemaVersion\": 2, \"manifests\": [{\"size\": 1}]}",
                "{\"schemaVersion\": 2, \"manifests\": [{\"digest\": \"DIGEST\", \"size\": 1}]}",
            })
    void what_is_no_manifest_of_one_image_is_corrupt(String json) {
        Faults.expect(Fault.CORRUPT, () -> ManifestJson.manifest(json.replace("DIGEST", A.toString())));
    }

    @Test
    void a_configuration_is_read_whole() {
        ImageConfig config = ManifestJson.config("""
                {"os": "linux", "architecture": "arm64", "variant": "v8",
                 "config": {"Env": ["PATH=/bin", "A=b=c", "E="], "Entrypoint": ["/init", "-x y"], "Cmd": ["sh"],
                            "WorkingDir": "/srv", "User": "app:grp"},
                 "rootfs": {"type": "layers", "diff_ids": ["%s", "%s"]}}
                """.formatted(A, B));

        assertThat(config.platform()).hasToString("linux/arm64/v8");
        assertThat(config.env()).containsExactly("PATH=/bin", "A=b=c", "E=");
        assertThat(config.entrypoint()).containsExactly("/init", "-x y");
        assertThat(config.command()).containsExactly("sh");
        assertThat(config.workingDirectory()).isEqualTo("/srv");
        assertThat(config.user()).isEqualTo("app:grp");
        assertThat(config.diffIdsOldestFirst()).containsExactly(A, B);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"config\": null}",
                "{\"config\": {\"Env\": null, \"Cmd\": null, \"Entrypoint\": null, \"User\": null, \"WorkingDir\": null}}",
                "{\"config\": {\"Cmd\": \" \"}, \"rootfs\": null}"
            })
    void a_silent_configuration_gives_empty_values_and_no_null(String json) {
        ImageConfig config = ManifestJson.config(json);

        assertThat(config.env()).isEmpty();
        assertThat(config.command()).isEmpty();
        assertThat(config.entrypoint()).isEmpty();
        assertThat(config.user()).isEmpty();
        assertThat(config.workingDirectory()).isEmpty();
        assertThat(config.diffIdsOldestFirst()).isEmpty();
    }

    @Test
    void a_string_where_a_list_belongs_is_split_at_blanks() {
        ImageConfig config = ManifestJson.config("{\"config\": {\"Cmd\": \" sh  -c x \", \"Entrypoint\": \"/e\"}}");

        assertThat(config.command()).containsExactly("sh", "-c", "x");
        assertThat(config.entrypoint()).containsExactly("/e");
    }

    @Test
    void docker_once_wrote_container_config() {
        ImageConfig config = ManifestJson.config("{\"container_config\": {\"Cmd\": [\"old\"]}}");

        assertThat(config.command()).containsExactly("old");
        assertThat(ManifestJson.config("{\"config\": {\"Cmd\": [\"new\"]}, \"container_config\": {\"Cmd\": [\"old\"]}}")
                        .command())
                .containsExactly("new");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{", "{\"rootfs\": {\"diff_ids\": [\"sha256:12\"]}}"})
    void what_is_no_configuration_is_corrupt(String json) {
        Faults.expect(Fault.CORRUPT, () -> ManifestJson.config(json));
    }
}
