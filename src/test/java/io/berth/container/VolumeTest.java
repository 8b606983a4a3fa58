package io.berth.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fault.Fault;
import io.berth.process.Mount;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class VolumeTest {
    @ParameterizedTest
    @CsvSource({
        "/data,            /data,     /data,   false",
        "/data:,           /data,     /data,   false",
        "/data:ro,         /data,     /data,   true",
        "/data:rw,         /data,     /data,   false",
        "/data:/mnt,       /data,     /mnt,    false",
        "/data:/mnt:ro,    /data,     /mnt,    true",
        "/data:/mnt/:rw,   /data,     /mnt,    false",
        "/data://mnt/./x,  /data,     /mnt/x,  false",
        "/:/host,          /,         /host,   false",
        "/a:/b:c,          /a,        /b:c,    false",
        "/a b:/c d,        /a b,      /c d,    false",
        "/a:/b..c,         /a,        /b..c,   false",
        "/a:/b:ro:rw,      /a,        /b:ro,   false",
        "/a:/b:z,          /a,        /b,      false",
        "'/a:/b:ro,Z',      /a,        /b,      true",
        "/a:/b:rprivate,   /a,        /b,      false",
    })
    void a_volume_is_taken_apart(String text, String source, String target, boolean readOnly) {
        assertThat(Volume.parse(text)).isEqualTo(new Volume(Path.of(source), target, readOnly));
    }

    @Test
    void flags_that_mean_something_are_kept_in_one_order() {
        Volume volume = Volume.parse("/dev:/b:noexec,rslave,ro,nodev,nosuid,unbindable");

        assertThat(volume.flags()).containsExactly("nosuid", "nodev", "noexec", "slave", "unbindable");
        assertThat(volume.mount().line())
                .containsExactly("bind", "/dev", "/b", "ro,rec,nosuid,nodev,noexec,slave,unbindable");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":ro",
                ":",
                "data",
                "data:/mnt",
                "/data:mnt",
                "/data:/",
                "/",
                "/a:/b/..",
                "/a:/../b",
                "/a:/..",
                "/a:/b/../../c",
                "/data:/:ro"
            })
    void what_would_lead_elsewhere_is_refused(String text) {
        assertThat(Faults.expect(Fault.BAD_INPUT, () -> Volume.parse(text))).hasMessageContaining("'" + text + "'");
    }

    @Test
    void what_the_host_lacks_is_told_and_not_skipped(@TempDir Path folder) {
        Path missing = folder.resolve("missing");

        assertThat(Faults.expect(
                        Fault.NOT_FOUND, () -> Volume.parse(missing + ":/mnt").mount()))
                .hasMessageContaining(missing.toString());
        assertThat(Volume.parse(folder + ":/mnt:ro").mount()).isEqualTo(new Mount.Bind(folder, "/mnt", true, false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "type=bind,source=/a,target=/b | false",
                "type=bind,src=/a,dst=/b,readonly | true",
                "source=/a,destination=/b,type=bind,ro=true,bind-propagation=rslave | true",
                "type=bind,source=/a,target=/b,readonly=false | false"
            })
    void a_mount_is_dockers_way_to_say_it(String text, boolean readOnly) {
        assertThat(Volume.parseMount(text)).isEqualTo(new Volume(Path.of("/a"), "/b", readOnly));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "type=bind",
                "type=bind,source=/a",
                "type=volume,source=/a,target=/b",
                "source=/a,target=/b",
                "type=bind,source=/a,target=/b,odd=1",
                "type=bind,source=a,target=/b",
                "type=bind,source=/a,target=/../b"
            })
    void a_mount_that_is_not_understood_whole_is_refused(String text) {
        Faults.expect(Fault.BAD_INPUT, () -> Volume.parseMount(text));
    }

    @Test
    void a_device_may_have_another_name_inside() {
        assertThat(Volume.parseDevice("/dev/fuse")).isEqualTo(new Volume(Path.of("/dev/fuse"), "/dev/fuse", false));
        assertThat(Volume.parseDevice("/dev/sda:/dev/disk:rwm"))
                .isEqualTo(new Volume(Path.of("/dev/sda"), "/dev/disk", false));
        Faults.expect(Fault.BAD_INPUT, () -> Volume.parseDevice("/dev/sda:/dev/disk:all"));
        Faults.expect(Fault.BAD_INPUT, () -> Volume.parseDevice("fuse"));
    }
}
