package io.berth.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.fault.FaultException;
import io.berth.files.TreeRemoval;
import io.berth.progress.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerUnpackerTest {
    @TempDir
    Path folder;

    private static ArchiveFixture tar() {
        return new ArchiveFixture();
    }

    private Path unpack(UnpackOptions options, byte[]... packed) throws IOException {
        Path root = Files.createTempDirectory(folder, "tree");
        List<LayerFile> layers = Arrays.stream(packed)
                .map(bytes -> ArchiveFixture.layer(folder, bytes))
                .toList();
        new LayerUnpacker().unpack(layers, root, options, Progress.none());
        return root;
    }

    @Test
    void the_packing_is_told_by_the_first_bytes() throws IOException {
        byte[] plain = tar().file("a", "A").plain();
        for (byte[] packed : List.of(plain, ArchiveFixture.gzip(plain), ArchiveFixture.zstd(plain))) {
            assertThat(TreeListing.of(unpack(UnpackOptions.writable(), packed))).containsExactly("file a 644 A");
        }
    }

    @Test
    void gzip_of_several_members_is_one_archive() throws IOException {
        byte[] plain = tar().file("a", "A".repeat(50_000)).file("b", "B").plain();
        ByteArrayOutputStream members = new ByteArrayOutputStream();
        for (int at = 0; at < plain.length; at += 10_000) {
            members.writeBytes(ArchiveFixture.gzip(Arrays.copyOfRange(plain, at, Math.min(plain.length, at + 10_000))));
        }
        assertThat(unpack(UnpackOptions.writable(), members.toByteArray()).resolve("b"))
                .hasContent("B");
    }

    @Test
    void zstd_may_begin_with_a_skippable_frame() throws IOException {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        frames.writeBytes(new byte[] {0x50, 0x2A, 0x4D, 0x18, 4, 0, 0, 0, 1, 2, 3, 4});
        frames.writeBytes(ArchiveFixture.zstd(tar().file("a", "A").plain()));
        assertThat(unpack(UnpackOptions.writable(), frames.toByteArray()).resolve("a"))
                .hasContent("A");
    }

    @Test
    void an_archive_without_end_records_is_whole() throws IOException {
        assertThat(unpack(UnpackOptions.writable(), tar().file("a", "A").unended())
                        .resolve("a"))
                .hasContent("A");
    }

    @Test
    void times_are_kept_for_files_links_and_filled_folders() throws IOException {
        Path root = unpack(
                UnpackOptions.writable(),
                tar().folder("d").file("d/a", "A").link("d/l", "a").plain(),
                tar().file("d/b", "B").plain());
        for (String name : List.of("d", "d/a", "d/b", "d/l")) {
            assertThat(Files.getLastModifiedTime(root.resolve(name), LinkOption.NOFOLLOW_LINKS))
                    .as(name)
                    .isEqualTo(ArchiveFixture.TIME);
        }
    }

    @Test
    void a_shared_tree_has_no_write_permission_and_all_mount_points() throws IOException {
        Path root = unpack(
                UnpackOptions.shared(),
                tar().folder("tmp", 01777)
                        .file("etc/hosts", 0666, "H")
                        .link("etc/resolv.conf", "/run/x")
                        .file("bin/a", 0755, "A")
                        .plain(),
                tar().file("bin/a", 0755, "B").plain());
        assertThat(TreeListing.of(root))
                .containsExactly(
                        "dir bin 555",
                        "file bin/a 555 B",
                        "dir dev 555",
                        "dir etc 555",
                        "file etc/group 444",
                        "file etc/hostname 444",
                        "file etc/hosts 444 H",
                        "file etc/passwd 444",
                        "link etc/resolv.conf -> /run/x",
                        "dir proc 555",
                        "dir run 555",
                        "dir sys 555",
                        "dir tmp 1555",
                        "dir var 555",
                        "dir var/tmp 555");
        assertThat(((Integer) Files.getAttribute(root, "unix:mode")) & 0222).isZero();
        TreeRemoval.remove(root);
        assertThat(root).doesNotExist();
    }

    @Test
    void a_folder_with_something_in_it_is_refused() throws IOException {
        Files.writeString(folder.resolve("x"), "x");
        assertThatThrownBy(
                        () -> new LayerUnpacker().unpack(List.of(), folder, UnpackOptions.writable(), Progress.none()))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("not empty");
    }

    @Test
    void no_thread_is_left_behind_by_a_failure() throws IOException {
        byte[] bad = tar().file("../x", "x")
                .add("a", '0', 0644, "", new byte[50 << 20])
                .plain();
        assertThatThrownBy(() -> unpack(UnpackOptions.writable(), bad)).isInstanceOf(FaultException.class);
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("layer-"));
    }
}
