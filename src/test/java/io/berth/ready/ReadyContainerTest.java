package io.berth.ready;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fault.Fault;
import io.berth.files.Evidence;
import io.berth.layer.TreeListing;
import io.berth.process.Mount;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ReadyContainerTest {
    private static final Path ADDRESS = Path.of("/final/place");

    @TempDir
    Path folder;

    private Path container;
    private GlibcTree tree;
    private Patchelf patchelf;

    @BeforeEach
    void make_a_container() throws IOException {
        container = folder.resolve("container");
        tree = GlibcTree.in(container.resolve("ROOT"));
        patchelf = GlibcTree.patchelf(folder);
    }

    @AfterEach
    void open_the_closed_folder() throws IOException {
        if (Files.isDirectory(tree.root().resolve("srv/closed"))) {
            Files.setPosixFilePermissions(
                    tree.root().resolve("srv/closed"), PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    private ReadyContainer ready() {
        return new ReadyContainer(container);
    }

    private List<String> prepare(String mode) {
        return ready().prepare(mode, ADDRESS, Optional.of(patchelf));
    }

    private String text(String path) throws IOException {
        return Files.readSymbolicLink(tree.root().resolve(path)).toString();
    }

    @Test
    void links_lead_inside_when_the_tree_is_not_the_root() throws IOException {
        tree.link("a/b/c", "/etc/x");
        tree.link("a/up", "../../../etc");
        tree.link("a/odd", "/usr/../../x");
        tree.link("a/null", "/dev/null");
        tree.link("a/near", "../y");
        prepare("F1");

        assertThat(text("a/b/c")).isEqualTo("../../etc/x");
        assertThat(text("a/up")).isEqualTo("../etc");
        assertThat(text("a/odd")).isEqualTo("../usr/../x");
        assertThat(text("a/null")).isEqualTo("/dev/null");
        assertThat(text("a/near")).isEqualTo("../y");
        assertThat(text("lib64")).isEqualTo("usr/lib64");
    }

    @Test
    void the_loader_forgets_the_hosts_folders_and_keeps_its_name() throws IOException {
        Path loader = tree.root().resolve("usr/lib/x86_64-linux-gnu/ld.so");
        long size = Files.size(loader);
        prepare("F2");

        String bytes = Files.readString(loader, StandardCharsets.ISO_8859_1);
        assertThat(bytes)
                .contains("\0/~tc/ld.so.cache\0x/lib/\0/~ib/x86_64-linux-gnu/\0/~ib/\0/lib64/ld-linux-x86-64.so.2\0");
        assertThat(Files.size(loader)).isEqualTo(size);
        assertThat(Files.size(container.resolve("ld.so.orig"))).isEqualTo(size);
        assertThat(Files.readString(container.resolve("ld.so.orig"), StandardCharsets.ISO_8859_1))
                .doesNotContain("~");
        assertThat(Files.readString(container.resolve("ld.so.path"))).isEqualTo(GlibcTree.LOADER);
        assertThat(Files.readString(container.resolve("ld.lib.dirs"))).startsWith("/lib/x86_64-linux-gnu:");
    }

    @Test
    void programs_name_the_loader_at_its_final_place() throws IOException {
        Path program = tree.program("usr/bin/tool");
        Path again = Files.createLink(tree.root().resolve("usr/bin/tool2"), program);
        Path library = tree.library("usr/lib/libown.so", "/opt/lib:$ORIGIN");
        Path plain = tree.file("usr/lib/libplain.so", Files.readAllBytes(program.resolveSibling("tool")), "rw-r--r--");
        prepare("F3");

        assertThat(Files.readString(program, StandardCharsets.ISO_8859_1))
                .contains("--set-interpreter /final/place/ROOT" + GlibcTree.LOADER + " --force-rpath --set-rpath"
                        + " /final/place/ROOT/lib/x86_64-linux-gnu:/final/place/ROOT/usr/lib/x86_64-linux-gnu:");
        assertThat(Files.isSameFile(program, again)).isTrue();
        assertThat(Files.readString(library, StandardCharsets.ISO_8859_1))
                .doesNotContain("--set-interpreter")
                .contains("--set-rpath /final/place/ROOT/opt/lib:$ORIGIN:/final");
        assertThat(Files.readString(plain, StandardCharsets.ISO_8859_1)).contains("--set-interpreter");
        assertThat(Files.readString(container.resolve("patch.path"))).isEqualTo("/final/place");
        assertThat(Files.readString(container.resolve("patch.time"))).matches("[0-9]{9,}");
    }

    /// Each seed is another tree; the way through the modes is another one too.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void putting_back_restores_everything(long seed) throws IOException {
        Random random = new Random(seed);
        tree.fill(random);
        List<String> before = TreeListing.detailed(tree.root());
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            prepare(List.of("F1", "F2", "F3", "F4").get(random.nextInt(4)));
        }
        assertThat(TreeListing.detailed(tree.root())).isNotEqualTo(before);
        ready().restore();

        assertThat(TreeListing.detailed(tree.root())).isEqualTo(before);
        assertThat(ready().isInterrupted()).isFalse();
        assertThat(container.toFile().list()).containsExactlyInAnyOrder("ROOT", ".berth");
    }

    @Test
    void what_a_program_changed_since_stays() throws IOException {
        Path program = tree.program("usr/bin/tool");
        Path removed = tree.program("usr/bin/removed");
        prepare("F3");
        Files.writeString(program, "newer");
        Files.delete(removed);
        ready().restore();

        assertThat(program).hasContent("newer");
        assertThat(removed).doesNotExist();
    }

    @Test
    void what_was_cut_short_is_put_right_by_the_next_setup() throws IOException {
        tree.program("usr/bin/tool");
        List<String> before = TreeListing.detailed(tree.root());
        prepare("F3");
        Files.writeString(container.resolve(".berth/ready/changing"), "F3");
        Files.delete(container.resolve(".berth/ready/mode"));
        assertThat(ready().isInterrupted()).isTrue();
        ready().restore();

        assertThat(TreeListing.detailed(tree.root())).isEqualTo(before);
        assertThat(ready().isInterrupted()).isFalse();
    }

    @Test
    void an_image_without_glibc_is_refused_and_stays_as_it_is() throws IOException {
        Files.delete(tree.root().resolve("usr/lib/x86_64-linux-gnu/libc.so.6"));
        List<String> before = TreeListing.detailed(tree.root());
        Faults.expect(Fault.HOST_UNFIT, () -> prepare("F3"));

        assertThat(TreeListing.detailed(tree.root())).isEqualTo(before);
        assertThat(ready().isInterrupted()).isFalse();
    }

    @Test
    void a_link_swapped_into_the_tree_leads_nobody_out() throws IOException {
        Path outside = Files.createDirectories(folder.resolve("outside"));
        tree.program("srv/x/tool");
        prepare("F3");
        Path moved = Files.move(tree.root().resolve("srv/x"), outside.resolve("x"));
        Files.createSymbolicLink(tree.root().resolve("srv/x"), moved);
        byte[] bytes = Files.readAllBytes(moved.resolve("tool"));
        ready().restore();

        assertThat(moved.resolve("tool")).hasBinaryContent(bytes);
    }

    @Test
    void originals_are_found_for_an_export() throws IOException {
        Path program = tree.program("usr/bin/tool");
        Path other = tree.file("etc/other", new byte[1], "rw-r--r--");
        byte[] bytes = Files.readAllBytes(program);
        prepare("F3");

        assertThat(ready().original(program)).hasBinaryContent(bytes);
        assertThat(Files.readSymbolicLink(ready().original(tree.root().resolve("lib64"))))
                .hasToString("/usr/lib64");
        assertThat(ready().original(other)).isEqualTo(other);
    }

    // --- links to volumes

    @Test
    void volumes_are_links_until_they_are_cleared() throws IOException {
        Path data = Files.createDirectories(folder.resolve("data"));
        tree.file("etc/passwd", new byte[] {1}, "rw-r--r--");
        tree.file("mnt/full/file", new byte[] {1}, "rw-r--r--");
        List<String> before = TreeListing.of(tree.root());
        VolumeLinks links = new VolumeLinks(container);
        links.place(
                List.of(
                        new Mount.Bind(data, "/new/deep/place", false, false),
                        new Mount.Bind(data, "/etc/passwd", false, false),
                        new Mount.Bind(data, "/mnt/full", false, false),
                        new Mount.Bind(data, data.toString(), false, false),
                        new Mount.Bind(folder.resolve("none"), "/never", false, true)),
                false,
                false);

        for (String place : List.of("new/deep/place", "etc/passwd", "mnt/full")) {
            assertThat(text(place)).isEqualTo(data.toRealPath().toString());
        }
        assertThat(tree.root().resolve("never")).doesNotExist();
        Faults.expect(
                Fault.BUSY,
                () -> links.place(List.of(new Mount.Bind(folder, "/etc/passwd", false, false)), true, false));
        links.clear();
        assertThat(TreeListing.of(tree.root())).isEqualTo(before);
        assertThat(links.isEmpty()).isTrue();
    }

    @Test
    void links_to_completed_accounts_stay_while_starts_want_the_same() throws IOException {
        Path data = Files.createDirectories(folder.resolve("data"));
        Path own = Files.createDirectories(container.resolve(".berth"));
        Path passwd = tree.file("etc/passwd", new byte[] {1}, "rw-r--r--");
        Mount one = new Mount.Bind(Files.writeString(own.resolve("passwd-1"), "1"), "/etc/passwd", false, false);
        Mount other = new Mount.Bind(Files.writeString(own.resolve("passwd-2"), "2"), "/etc/passwd", false, false);
        Mount volume = new Mount.Bind(data, "/data", false, false);
        VolumeLinks links = new VolumeLinks(container);
        links.place(List.of(volume, one), false, false);
        Path kept = links.beside().get("/etc/passwd");
        assertThat(kept).hasBinaryContent(new byte[] {1});
        links.clearVolumes();
        assertThat(tree.root().resolve("data")).doesNotExist();
        links.place(List.of(volume, one), false, false);
        assertThat(links.beside()).containsEntry("/etc/passwd", kept);
        assertThat(passwd).hasContent("1");

        // a program runs: its users do, or are in the way
        links.place(List.of(volume, other), true, true);
        assertThat(passwd).hasContent("1");
        Faults.expect(Fault.BUSY, () -> links.place(List.of(volume, other), true, false));
        links.place(List.of(other), false, false);
        assertThat(passwd).hasContent("2");
        links.place(List.of(), false, false);
        assertThat(passwd).hasBinaryContent(new byte[] {1});
        assertThat(links.isEmpty()).isTrue();
    }

    @Test
    void what_stands_in_the_tree_is_known_to_a_later_start() throws IOException {
        Path own = Files.createDirectories(container.resolve(".berth"));
        tree.file("etc/passwd", new byte[] {1}, "rw-r--r--");
        Mount accounts = new Mount.Bind(Files.writeString(own.resolve("passwd-1"), "1"), "/etc/passwd", false, false);
        Mount volume = new Mount.Bind(folder, "/data", false, false);
        assertThat(seen(List.of(accounts), false)).isNotEmpty();
        List<List<String>> before = seen(List.of(accounts), false);
        assertThat(seen(List.of(accounts), false)).isEqualTo(before);
        assertThat(seen(List.of(accounts, volume), false)).isNotEqualTo(before);
        assertThat(seen(List.of(accounts), true)).isEmpty();
        assertThat(seen(List.of(accounts), false)).isEqualTo(before);
    }

    /// What a start that places these links can be sure of.
    private List<List<String>> seen(List<Mount> mounts, boolean inUse) {
        Evidence evidence = Evidence.begin();
        VolumeLinks links = new VolumeLinks(container, evidence);
        links.place(mounts, inUse, true);
        links.note();
        return evidence.isSure() ? evidence.lines() : List.of();
    }

    @Test
    void a_volume_behind_a_link_stays_in_the_tree() throws IOException {
        Path data = Files.createDirectories(folder.resolve("data"));
        tree.link("var/run", "/run");
        Files.createDirectories(tree.root().resolve("run"));
        new VolumeLinks(container).place(List.of(new Mount.Bind(data, "/var/run/data", false, false)), false, false);

        assertThat(text("run/data")).isEqualTo(data.toRealPath().toString());
    }

    // --- beside

    @Test
    void a_copy_beside_shares_what_does_not_change_and_changes_nothing() throws IOException {
        tree.fill(new Random(5));
        Path program = tree.program("usr/bin/tool");
        Path same = tree.file("etc/same", new byte[9], "r--r--r--");
        Path data = Files.createDirectories(folder.resolve("data"));
        Path scratch = Files.createDirectories(folder.resolve("scratch"));
        Path passwd = Files.writeString(scratch.resolve("passwd"), "me");
        Files.setPosixFilePermissions(tree.root().resolve("etc"), PosixFilePermissions.fromString("r-xr-xr-x"));
        List<String> before = TreeListing.of(tree.root());
        List<Mount> mounts = List.of(
                new Mount.Bind(data, "/etc/data", false, false), new Mount.Bind(passwd, "/etc/passwd", false, false));
        ReadyCopy copy = new ReadyCopy("F3", mounts, scratch, Optional.of(patchelf));
        Path root = Files.createDirectories(folder.resolve("copy/rootfs"));
        copy.make(tree.root(), root, Path.of("/there"));

        assertThat(TreeListing.of(tree.root())).isEqualTo(before);
        assertThat(Files.isSameFile(root.resolve("etc/same"), same)).isTrue();
        assertThat(Files.isSameFile(root.resolve("usr/bin/tool"), program)).isFalse();
        assertThat(root.resolve("etc/passwd")).hasContent("me");
        assertThat(Files.readSymbolicLink(root.resolve("etc/data"))).isEqualTo(data.toRealPath());
        assertThat(Files.getPosixFilePermissions(root.resolve("etc")))
                .isEqualTo(PosixFilePermissions.fromString("r-xr-xr-x"));
        assertThat(folder.resolve("copy").toFile().list()).containsExactly("rootfs");
        assertThat(copy.key()).isEqualTo(new ReadyCopy("F4", mounts, scratch, Optional.empty()).key());
        assertThat(copy.key())
                .isNotEqualTo(new ReadyCopy("F1", mounts, scratch, Optional.empty()).key())
                .isNotEqualTo(new ReadyCopy("F3", List.of(), scratch, Optional.empty()).key());
        for (Path closed : List.of(root.resolve("etc"), tree.root().resolve("etc"), root.resolve("srv/closed"))) {
            if (Files.isDirectory(closed)) {
                Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
    }

    // --- what udocker left

    @Test
    void what_udocker_wrote_is_taken_out_again() throws IOException {
        String root = tree.root().toRealPath().toString();
        tree.link("etc/alternatives/x", root + "/usr/bin/tool");
        Path loader = tree.root().resolve("usr/lib/x86_64-linux-gnu/ld.so");
        byte[] original = Files.readAllBytes(loader);
        Files.write(container.resolve("ld.so.orig"), original);
        Files.writeString(container.resolve("ld.so.path"), GlibcTree.LOADER);
        Files.writeString(container.resolve("root.path"), root);
        Files.writeString(container.resolve("patch.time"), "1");
        Files.write(loader, new byte[10]);
        Path program = tree.file(
                "usr/bin/tool",
                new io.berth.fake.ElfFixture(
                                true,
                                java.nio.ByteOrder.LITTLE_ENDIAN,
                                62,
                                root + GlibcTree.LOADER,
                                true,
                                List.of(),
                                null,
                                root + "/opt/lib:$ORIGIN")
                        .bytes(),
                "rwxr-xr-x");
        assertThat(new UdockerPrepared(container, Optional.of(patchelf)).undo(false))
                .isEmpty();

        assertThat(text("etc/alternatives/x")).isEqualTo("/usr/bin/tool");
        assertThat(loader).hasBinaryContent(original);
        assertThat(Files.readString(program, StandardCharsets.ISO_8859_1))
                .contains("--set-interpreter " + GlibcTree.LOADER + " --force-rpath --set-rpath /opt/lib:$ORIGIN ");
        assertThat(container.resolve("ld.so.orig")).doesNotExist();
    }
}
