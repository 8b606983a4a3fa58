package io.berth.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Containers with more users than one, for a user of the machine who has a range of ids.
@ExtendWith(Lab.Provider.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class SubIdsIT {
    private static final int FIRST = 700_000;
    private static final String CLOSED =
            "mkdir -p /srv/db && echo kept >/srv/db/file && chown -R 33:34 /srv/db && chmod 700 /srv/db";

    private static Berth berth;
    private static Berth poor;

    /// Only what this user starts sees such files in /etc.
    @BeforeAll
    static void give_the_user_a_range(Lab lab) throws IOException {
        Path files = lab.folder("etc");
        Files.writeString(
                files.resolve("passwd"),
                Files.readString(Path.of("/etc/passwd")) + "sailor:x:" + Host.USER + ":" + Host.USER + "::/:/bin/sh\n");
        for (String file : List.of("subuid", "subgid")) {
            Files.writeString(files.resolve(file), "other:1:5\nsailor:100:10\nsailor:" + FIRST + ":1000\n");
        }
        String shown = "mount --bind " + files + "/passwd /etc/passwd";
        poor = lab.user();
        berth = poor.afterRoot(
                shown + "\nfor one in subuid subgid; do mount --bind " + files + "/$one /etc/$one; done");
        TestRegistry registry = lab.registry();
        berth.succeed("pull", registry.address() + "/berth/busybox");
        berth.succeed("create", "--name=box", registry.address() + "/berth/busybox");
    }

    private static String shell(String container, String script) {
        return berth.succeed("run", "--subids", container, "/bin/sh", "-c", script)
                .out();
    }

    private static Path folder(String container) throws IOException {
        return berth.repository().resolve("containers").resolve(container).toRealPath();
    }

    private static Object owner(Path file) throws IOException {
        return Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    }

    @Test
    void files_are_given_to_other_users_and_all_that_keeps_containers_copes_with_them(Lab lab) throws IOException {
        String id = berth.succeed("clone", "--name=data", "box").out().strip();
        assertThat(shell("data", CLOSED + "; id -u; stat -c %u:%g /srv/db/file"))
                .isEqualTo("0\n33:34\n");
        assertThat(owner(folder("data").resolve("ROOT/srv/db"))).isEqualTo(FIRST + 32);

        // unasked from then on
        berth.run("run", "--mode=R1", "--user=33:34", "data", "/bin/cat", "/srv/db/file")
                .hasStatus(0)
                .wrote("kept\n");
        berth.succeed("clone", "--name=copy", "data");
        assertThat(owner(folder("copy").resolve("ROOT/srv/db/file"))).isEqualTo(FIRST + 32);
        assertThat(Host.run("stat", "-c", "%a", folder("copy").toString(), folder("copy") + "/ROOT/tmp"))
                .as("open to all users of the container, and to nobody else")
                .isEqualTo("700\n1777\n");
        assertThat(shell("copy", "cat /srv/db/file; stat -c %a:%u /srv/db")).isEqualTo("kept\n700:33\n");

        Path archive = berth.home().resolve("data.tar");
        berth.succeed("export", "-o", archive.toString(), "data");
        assertThat(Host.run("tar", "--numeric-owner", "-tvf", archive.toString(), "./srv/db/file"))
                .contains(" 33/34 ");

        berth.succeed("rm", "copy", id);
        assertThat(Host.names(berth.repository().resolve("containers"))).doesNotContain("copy", "data", id);
        assertThat(Host.names(berth.repository().resolve("containers"))).noneMatch(name -> name.startsWith(".draft"));
    }

    @Test
    void a_container_that_is_removed_after_its_run_leaves_nothing() {
        int before = Host.names(berth.repository().resolve("containers")).size();

        berth.run("run", "--rm", "--subids", "--mode=R2", "busybox-of-nobody", "/bin/true")
                .hasStatus(125);
        String image = berth.succeed("images")
                .out()
                .lines()
                .skip(1)
                .findFirst()
                .orElseThrow()
                .split(" ")[0];
        berth.succeed("run", "--rm", "--subids", "--mode=R2", image, "/bin/sh", "-c", CLOSED + "; mknod /dev0 b 1 1");

        assertThat(Host.names(berth.repository().resolve("containers"))).hasSize(before);
    }

    @Test
    void what_an_interrupted_removal_left_is_removed_by_prune() throws IOException {
        String id = berth.succeed("clone", "box").out().strip();
        shell(id, CLOSED);
        Path container = folder(id);
        Path draft = container.resolveSibling(".draft-" + id);
        Files.move(container, draft);
        Files.setLastModifiedTime(draft, FileTime.from(Instant.now().minus(Duration.ofDays(2))));

        berth.succeed("rm", berth.succeed("clone", "box").out().strip());
        assertThat(draft.resolve("subids"))
                .as("who sweeps in passing leaves it")
                .exists();
        berth.succeed("prune", "--force");
        assertThat(draft).doesNotExist();
    }

    @Test
    void who_joins_is_the_user_he_names() {
        Running running = berth.start(
                "run",
                "--subids",
                "box",
                "/bin/sh",
                "-c",
                "mkdir -m 777 /open; echo ready; until [ -e /open/end ]; do sleep 0.05; done");
        running.awaitOutput("ready");

        berth.run(
                        "exec",
                        "--user=33:34",
                        "box",
                        "/bin/sh",
                        "-c",
                        "id -u; id -g; touch /open/mine && stat -c %u /open/mine")
                .hasStatus(0)
                .wrote("33\n34\n33\n");
        berth.run("exec", "box", "/bin/sh", "-c", "chown 35 /open/mine && stat -c %u /open/mine; touch /open/end")
                .hasStatus(0)
                .wrote("35\n");
        running.await().hasStatus(0);
    }

    @Test
    void it_is_said_why_they_are_used_and_why_not() {
        assertThat(berth.succeed("explain", "--subids", "box", "id").out())
                .contains("users\n  user 0 is you, users 1 to 1000 are 700000 to 700999 of the host;");
        poor.run("run", "--subids", "box", "id")
                .failedWith(125, "R1, R2 cannot use subordinate ids: user sailor has no range in /etc/subuid");
        assertThat(poor.with("BERTH_SUBIDS", "yes")
                        .succeed("explain", "--mode=R1", "box", "id")
                        .out())
                .contains(
                        "users\n  one user and one group, no subordinate ids: user sailor has no range in /etc/subuid\n");
        String twice = "mount --bind /usr/bin/newuidmap /usr/bin/newuidmap\nmount -o remount,bind,";
        berth.afterRoot(berth.asRoot() + "\n" + twice + "nosuid /usr/bin/newuidmap")
                .run("run", "--subids", "box", "id")
                .failedWith(125, "mapping subordinate ids: newuidmap: write to uid_map failed");
        berth.afterRoot(berth.asRoot() + "\nmount --bind /bin/true /usr/bin/newuidmap")
                .run("run", "--subids", "box", "id")
                .failedWith(125, "the programs for it said that they did, and did not");
    }

    @Test
    void a_run_that_is_repeated_needs_no_java() {
        List<String> words = new ArrayList<>(List.of("run", "--subids", "box", "/bin/sh", "-c", "id -u"));
        for (int i = 0; i < 2; i++) {
            berth.succeed(words.toArray(String[]::new));
        }
        words.set(0, "explain");
        assertThat(berth.succeed(words.toArray(String[]::new)).out()).endsWith("\nkept plan yes\n");
        words.set(0, "run");
        berth.succeed(words.toArray(String[]::new)).wrote("0\n");
    }
}
