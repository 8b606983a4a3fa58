package io.berth.dist;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.dist.TestRegistry.Blob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// import, export, load and save as shipped: with other tools' archives, through pipes, on a full disk.
@ExtendWith(Lab.Provider.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class ArchiveIT {
    private static Lab lab;
    private static String image;
    private static Path folder;
    private static Path tree;

    private Berth berth;

    @BeforeAll
    static void share(Lab given) throws IOException {
        lab = given;
        Blob one = TestRegistry.layer(tar -> {
            TestRegistry.file(tar, "opt/dev/tool", new byte[10]);
            TestRegistry.file(tar, "gone", new byte[10]);
            TestRegistry.file(tar, "folder/file", new byte[10]);
        });
        Blob two = TestRegistry.layer(tar -> {
            TestRegistry.file(tar, ".wh.gone", new byte[0]);
            TestRegistry.file(tar, "large", new byte[3_000_000]);
        });
        given.registry().push("berth/archive", "\"Cmd\":[\"sh\"]", one, two);
        image = given.registry().address() + "/berth/archive";
        folder = given.folder("archives");
        tree = folder.resolve("tree.tar");
        Host.run(
                "bash",
                "-ec",
                "cd " + folder
                        + "; mkdir -p t/etc t/opt/dev; echo hello > t/etc/motd; head -c 9000000 /dev/urandom > t/opt/dev/f;"
                        + " ln t/etc/motd t/hard; ln -s etc/motd t/link; printf x > \"$(printf 't/b\\377d')\";"
                        + " touch -d 2001-02-03 t/etc/motd; tar -cf tree.tar -C t .");
    }

    @BeforeEach
    void begin() {
        berth = lab.user();
    }

    private Path mine(String name) {
        return berth.home().resolve(name);
    }

    private Path root(String id) {
        return berth.repository().resolve("containers").resolve(id).resolve("ROOT");
    }

    private static String listing(Path root) {
        return Host.run(
                "bash",
                "-ec",
                "cd " + root
                        + "; find . -printf '%P|%y|%l|%m\\n' | sort; find . -type f -printf '%P|%s|%n|%Ts\\n' | sort;"
                        + " find . -type f -exec md5sum {} + | sort");
    }

    private void nothingIsLeft() {
        for (String name : List.of("containers", "layers", "repos")) {
            assertThat(Host.names(berth.repository().resolve(name))).as(name).isEmpty();
        }
    }

    @Test
    void an_archive_is_imported_from_a_pipe_and_its_container_exported_into_one() throws IOException {
        Result imported = berth.after("cat '" + tree + "' | \"$@\"; exit").run("import", "-", "lab/tree:1");
        imported.hasStatus(0);
        assertThat(imported.out()).startsWith("Info: added layer sha256:");
        String id = berth.succeed("create", "--name=c", "lab/tree:1").out().strip();
        berth.after("\"$@\" > out.tar; exit").run("export", "-", "c").hasStatus(0);
        berth.succeed("export", "-o", "file.tar", "c");
        assertThat(mine("file.tar")).hasSameBinaryContentAs(mine("out.tar"));
        berth.with("UDOCKER_LOGLEVEL", "-1")
                .after("\"$@\" > silent.tar; exit")
                .run("export", "c")
                .hasStatus(0);
        assertThat(mine("silent.tar")).as("an archive is no message").hasSameBinaryContentAs(mine("out.tar"));
        Path back = lab.folder("back");
        Host.run("tar", "-xf", mine("out.tar").toString(), "-C", back.toString());
        assertThat(listing(back)).isEqualTo(listing(root(id))).contains("opt/dev/f");
    }

    @Test
    void an_archive_that_is_only_to_be_read_can_be_moved_in() {
        Host.run(
                "bash",
                "-ec",
                "cd '" + berth.home() + "'; cp '" + tree + "' mine.tar; chown " + Host.USER
                        + " mine.tar; chmod 400 mine.tar");
        berth.succeed("import", "--mv", "mine.tar", "lab/moved:1");
        assertThat(mine("mine.tar")).doesNotExist();
        berth.succeed("create", "lab/moved:1");
        berth.succeed("verify", "lab/moved:1");
    }

    @Test
    void export_then_import_gives_the_same_tree() {
        String first = berth.succeed("import", "--tocontainer", "--name=one", tree.toString())
                .out()
                .strip();
        berth.succeed("export", "-o=x.tar", "one");
        String second = berth.succeed("import", "--tocontainer", "--name", "two", "x.tar")
                .out()
                .strip();
        assertThat(listing(root(second))).isEqualTo(listing(root(first)));
        berth.succeed("export", "-o", "clone.tar", "--clone", "one");
        String third = berth.succeed("import", "--clone", "--name=three", "clone.tar")
                .out()
                .strip();
        assertThat(listing(root(third))).isEqualTo(listing(root(first)));
        assertThat(berth.succeed("ps").out()).contains("['one']", "['two']", "['three']", "IMPORTED:unknown");
    }

    @Test
    void save_then_load_gives_the_same_tree_and_another_tool_reads_the_archive() throws IOException {
        berth.succeed("pull", image);
        berth.succeed("import", tree.toString(), "lab/tree:1");
        berth.succeed("save", "-o", "two.tar", image, "lab/tree:1");
        berth.run("save", "-o", "two.tar", image).failedWith(1, "two.tar", "exists");
        Berth other = lab.user();
        Host.run("cp", mine("two.tar").toString(), other.home().toString());
        assertThat(other.succeed("load", "-i", "two.tar").out()).isEqualTo(image + ":latest\nlab/tree:1\n");
        for (String name : List.of(image, "lab/tree:1")) {
            String before = berth.succeed("create", name).out().strip();
            String after = other.succeed("create", name).out().strip();
            assertThat(listing(other.repository().resolve("containers/" + after + "/ROOT")))
                    .isEqualTo(listing(root(before)));
        }
        Path layout = lab.folder("layout").resolve("l");
        Host.run("skopeo", "copy", "-q", "docker-archive:" + mine("two.tar") + ":lab/tree:1", "oci:" + layout + ":x");
        assertThat(layout.resolve("index.json")).exists();
        assertThat(other.succeed("load", "-i", "two.tar").out()).contains("lab/tree:1");
        other.succeed("import", tree.toString(), "lab/taken:1");
        other.run("load", "-i", "two.tar", "lab/taken:1").hasStatus(2);
        other.succeed("save", "-o", "one.tar", "lab/tree:1");
        other.succeed("import", mine("two.tar").toString(), "lab/other:1");
        other.run("load", "-i", "one.tar", "lab/other:1").failedWith(1, "lab/other:1", "already");
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker-archive", "oci-archive", "oci"})
    void archives_of_another_tool_are_loaded_also_packed(String form) {
        Path made = lab.folder("other").resolve("archive");
        Host.run(
                "skopeo",
                "copy",
                "-q",
                "--src-tls-verify=false",
                "docker://" + image,
                form + ":" + made + ":lab/loaded:7");
        // skopeo writes the whole name into Docker's form
        String name = form.equals("docker-archive") ? "docker.io/lab/loaded:7" : "lab/loaded:7";
        assertThat(berth.succeed("load", "-i", made.toString()).out()).isEqualTo(name + "\n");
        String id = berth.succeed("create", name).out().strip();
        // what udocker loses: folders named dev, whiteouts at the top
        assertThat(root(id).resolve("opt/dev/tool")).exists();
        assertThat(root(id).resolve("gone")).doesNotExist();
        if (!form.equals("oci")) {
            Host.run("zstd", "-q", made.toString(), "-o", made + ".zst");
            berth.after("cat '" + made + ".zst' | \"$@\"; exit")
                    .run("load", "lab/other:8")
                    .hasStatus(0)
                    .wrote("lab/other:8\n");
        }
    }

    @Test
    void what_is_no_archive_is_one_message_and_leaves_nothing() throws IOException {
        Path bad = Files.writeString(folder.resolve("bad"), "hello");
        berth.run("import", bad.toString(), "lab/bad").failedWith(1, "lab/bad", "not a tar archive");
        berth.run("import", "--tocontainer", bad.toString()).failedWith(1, "not a tar archive");
        berth.run("import", "--clone", tree.toString()).failedWith(1, "no archive of a container");
        berth.run("load", "-i", bad.toString()).failedWith(1, "not a tar archive");
        berth.run("load", "-i", tree.toString()).failedWith(1, "neither manifest.json nor an OCI layout");
        berth.run("load", "-i", "nowhere").failedWith(1, "nowhere");
        berth.run("export", "nothing").failedWith(1, "nothing");
        berth.run("save", "-o", "x", "lab/nothing").failedWith(1, "lab/nothing");
        assertThat(mine("x")).doesNotExist();
        nothingIsLeft();
    }

    @ParameterizedTest
    @ValueSource(strings = {"import", "import --tocontainer", "load -i"})
    void a_full_disk_is_one_message_and_leaves_nothing(String command) {
        berth.succeed("import", tree.toString(), "lab/tree:1");
        berth.succeed("save", "-o", "saved.tar", "lab/tree:1");
        String small = berth.home() + "/small";
        List<String> words = new java.util.ArrayList<>(List.of(command.split(" ")));
        words.add(command.startsWith("load") ? mine("saved.tar").toString() : tree.toString());
        if (command.equals("import")) {
            words.add("lab/x");
        }
        Result result = berth.with("BERTH_DIR", small)
                .afterRoot("mkdir '" + small + "'; mount -t tmpfs -o size=6m,mode=777 none '" + small + "'")
                .after("status=0; \"$@\" || status=$?; cd '" + small
                        + "'; ls -A layers containers repos 1>&2; exit $status")
                .run(words.toArray(String[]::new));
        assertThat(result.status()).as(result.toString()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .startsWith("berth: ")
                .containsIgnoringCase("no space left")
                .endsWith("containers:\n\nlayers:\n\nrepos:\n");
    }

    @Test
    void killed_while_it_reads_a_pipe_it_leaves_nothing_that_stays() {
        Running load =
                berth.after("(cat '" + tree + "'; sleep 60) | \"$@\"; exit").start("import", "-", "lab/x");
        Host.waitUntil(
                "a draft",
                () -> !Host.names(berth.repository().resolve("layers")).isEmpty());
        load.process().descendants().forEach(ProcessHandle::destroyForcibly);
        load.await();
        assertThat(Host.names(berth.repository().resolve("repos"))).isEmpty();
        assertThat(Host.names(berth.repository().resolve("layers"))).noneMatch(name -> name.startsWith("sha256:"));
    }

    @Test
    void a_reader_that_goes_away_ends_an_export() {
        berth.succeed("import", "--tocontainer", "--name=c", tree.toString());
        Result result = berth.after("set +e; \"$@\" | head -c 1000 > /dev/null; exit ${PIPESTATUS[0]}")
                .run("export", "c");
        assertThat(result.status()).as(result.toString()).isEqualTo(1);
        assertThat(result.err()).hasLineCount(1).contains("Broken pipe");
    }

    @Test
    void the_limits_against_bombs_can_be_set() {
        berth.with("BERTH_UNPACK_MAX_ENTRIES", "3")
                .run("import", tree.toString(), "lab/x")
                .failedWith(1, "more than 3 entries");
        berth.succeed("import", tree.toString(), "lab/x");
        for (String limit : List.of("ENTRIES=3", "MEGABYTES=5", "DEPTH=1")) {
            String[] pair = limit.split("=");
            Result result = berth.with("BERTH_UNPACK_MAX_" + pair[0], pair[1]).run("create", "lab/x");
            result.failedWith(1, pair[1]);
            assertThat(result.err()).contains("raise unpack_max_" + pair[0].toLowerCase(java.util.Locale.ROOT));
        }
        berth.succeed("create", "lab/x");
    }
}
