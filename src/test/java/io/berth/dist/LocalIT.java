package io.berth.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Configuration and the commands on the local store, as shipped.
@ExtendWith(Lab.Provider.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class LocalIT {
    private static Lab lab;
    private static Berth berth;

    @BeforeAll
    static void share(Lab given) {
        lab = given;
        berth = given.user();
        String image = given.registry().address() + "/berth/busybox";
        berth.succeed("pull", image);
        berth.succeed("create", "--name=box", image);
        berth.succeed("export", "-o", berth.home() + "/box.tar", "box");
    }

    private static Path give(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Host.giveToUser(file);
        return file;
    }

    @ParameterizedTest
    @ValueSource(strings = {"P1", "P2", "R1"})
    void a_container_is_started_in_the_mode_that_is_stored_in_it(String mode) {
        berth.succeed("clone", "--name=c" + mode, "box");
        berth.succeed("setup", "--execmode=" + mode, "c" + mode);

        berth.succeed("run", "c" + mode, "/bin/sh", "-c", "echo here; exit 0").wrote("here\n");
        assertThat(berth.succeed("explain", "c" + mode, "/bin/true").out()).startsWith("mode " + mode + "\n");
        assertThat(berth.succeed("setup", "c" + mode).out()).startsWith("execmode: " + mode + "\n");
        berth.succeed("rm", "c" + mode);
    }

    @Test
    void the_usual_mode_can_be_set() {
        Berth usual = berth.with("UDOCKER_DEFAULT_EXECUTION_MODE", "P2");

        assertThat(usual.succeed("explain", "box", "/bin/true").out()).startsWith("mode P2\n");
        assertThat(usual.succeed("setup", "box").out()).startsWith("execmode: P2\n");
        assertThat(usual.succeed("explain", "--mode=R1", "box", "/bin/true").out())
                .startsWith("mode R1\n");
    }

    @Test
    void a_mode_without_its_engine_is_refused_before_the_start() {
        berth.succeed("clone", "--name=s1", "box");
        berth.succeed("setup", "--execmode=S1", "s1");

        berth.run("run", "s1", "/bin/true").failedWith(125, "S1: looking for apptainer");
        berth.run("setup", "--execmode=F3", "s1").failedWith(1, "F3");
        berth.run("setup", "--nvidia", "s1").failedWith(1, "NVIDIA");
        berth.succeed("rm", "s1");
    }

    /// In the place of Apptainer a script that makes the tree the root with the machine's own means, and counts.
    @Test
    void a_run_by_apptainer_that_is_repeated_needs_no_java() throws IOException {
        Path program = lab.folder("apptainer").resolve("apptainer");
        Path calls = berth.home().resolve("calls");
        Files.writeString(program, """
                #!/bin/sh
                [ "$1" = --version ] && echo apptainer version 1.4.0 && exit
                echo "$*" >>CALLS
                while [ "$1" != --pwd ]; do shift; done
                shift 2
                mkdir -p "$1/proc" "$1/dev" 2>/dev/null
                exec unshare -Urm sh -c 'mount --rbind /proc "$0/proc" && mount --rbind /dev "$0/dev" &&
                    exec chroot "$0" "$@"' "$@"
                """.replace("CALLS", calls.toString()));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        Berth user = berth.with("UDOCKER_USE_SINGULARITY_EXECUTABLE", program.toString());
        String[] words = {
            "run", "--mode=S1", "--nosysdirs", "-v", "/dev", "-v", "/proc", "--containerauth", "box", "echo", "x"
        };
        for (int i = 0; i < 3; i++) {
            user.succeed(words).wrote("x\n");
        }
        words[0] = "explain";
        assertThat(user.succeed(words).out()).endsWith("\nkept plan yes\n");
        assertThat(Host.read(calls)).contains("--silent exec --userns --no-home ");
    }

    /// udocker's fault 5: anybody can put a file into a folder that others work in.
    @Test
    void a_file_in_the_working_directory_is_not_obeyed_and_the_repositorys_own_is() throws IOException {
        Berth user = lab.user();
        Path work = Files.createDirectory(user.home().resolve("work"));
        Host.giveToUser(work);
        give(work.resolve("u.conf"), "[DEFAULT]\nhttp_agent = from-here\n");
        user.succeed("mkrepo", user.home().resolve("top").toString());
        give(user.home().resolve("top/udocker.conf"), "[DEFAULT]\nhttp_agent = from-top\n");

        assertThat(user.in(work).succeed("showconf").out()).contains("http_agent = None");
        assertThat(user.in(work)
                        .with("UDOCKER_DIR", user.home().resolve("top").toString())
                        .succeed("showconf")
                        .out())
                .contains("http_agent = from-top  (" + user.home() + "/top/udocker.conf:2)");
        assertThat(user.succeed("--config=" + work.resolve("u.conf"), "showconf")
                        .out())
                .contains("http_agent = from-here");
    }

    @Test
    void a_repository_that_is_named_must_be_one() {
        Berth user = lab.user();
        String other = user.home().resolve("other").toString();

        user.run("--repo=" + other, "images").failedWith(1, other);
        user.run("--repo", other, "pull", "x").failedWith(1, other);
        user.succeed("mkrepo", other);
        user.succeed("--repo", other, "images").wrote("REPOSITORY\n");
        user.run("mkrepo", other).failedWith(1, "exists already");
    }

    @Test
    void the_folders_of_a_repository_may_lie_apart() {
        Berth user = lab.user();
        Berth apart = user.with(
                        "UDOCKER_CONTAINERS", user.home().resolve("mine").toString())
                .with("UDOCKER_REPOS", berth.repository().resolve("repos").toString())
                .with("UDOCKER_LAYERS", berth.repository().resolve("layers").toString());

        String id = apart.succeed("create", lab.registry().address() + "/berth/busybox")
                .out()
                .strip();

        assertThat(user.home().resolve("mine").resolve(id).resolve("ROOT")).isDirectory();
        apart.succeed("run", id, "/bin/echo", "hi").wrote("hi\n");
    }

    /// Nothing may be written there, and no registry has the image.
    @Test
    void a_repository_that_a_site_publishes_serves_runs_and_jobs() throws IOException {
        Path site = lab.folder("site");
        String image = lab.registry().address() + "/site/tool:1";
        Berth owner = berth.with("BERTH_DIR", site.resolve("repo").toString());
        Host.giveToUser(site);
        owner.succeed("mkrepo", site.resolve("repo").toString());
        owner.succeed("import", berth.home() + "/box.tar", image);
        owner.succeed("create", "--name=tool", image);
        Host.run("chown", "-R", "root:root", site.toString());
        Host.run("chmod", "-R", "a+rX", site.toString());

        Berth user = lab.user().with("BERTH_DIR", site.resolve("repo").toString());
        user.succeed("run", "tool", "/bin/sh", "-c", "echo here").wrote("here\n");
        String pinned = user.succeed("node", "pin", image).out().strip();
        assertThat(pinned).startsWith(lab.registry().address() + "/site/tool@sha256:");
        assertThat(user.succeed("job", "script", image, "--", "true").out()).contains("image=" + pinned + "\n");
        user.with("SLURM_JOB_ID", "77")
                .with("BERTH_NODE_DIR", user.home().toString())
                .succeed("node", "prepare", pinned);
        user.run("pull", lab.registry().address() + "/berth/busybox").failedWith(1, site.toString());
    }

    @Test
    void engines_are_installed_without_a_network_and_used() {
        Berth user = lab.user();

        user.succeed("install");

        Path proot = user.repository().resolve("bin/proot-x86_64");
        assertThat(proot).isExecutable();
        user.succeed("install", "--purge", "--force");
        assertThat(proot).isExecutable();
        assertThat(Host.names(user.repository().resolve("lib/berth")))
                .containsExactlyInAnyOrder("libberth-fake-x86_64.so", "libfakechroot-x86_64.so", "patchelf-x86_64");
    }

    @Test
    void udocker_lists_as_berth_does() {
        Berth udocker = berth.program(lab.dist().resolve("bin/udocker"));

        for (String command : new String[] {"ps", "images", "version", "showconf"}) {
            udocker.succeed(command).wrote(berth.succeed(command).out());
        }
        assertThat(berth.succeed("version").out()).matches("version: .*\ntarball: .*\ntarball_release: .*\n");
    }
}
