package io.berth.cluster;

import static io.berth.cluster.Cluster.BUSYBOX;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cluster.Cluster.Ended;
import io.berth.cluster.Cluster.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/// Containers of the plugin that come from files, go to files, are joined, and outlive jobs, at a site that wants
/// names for all jobs and batch scripts inside.
@Tag("slurm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(240)
class SpankContainersIT {
    private static final String IMAGE = "--container-image=" + BUSYBOX;
    private static final String WHO = "sed -n s/^ID=//p /etc/os-release";

    private Cluster cluster;

    @BeforeAll
    void start() throws IOException {
        cluster = SpankCluster.up(2, "container_scope=global sbatch=script", "busybox");
    }

    @AfterAll
    void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private Outcome step(String... words) {
        return cluster.srun(
                Stream.concat(Stream.of("--quiet"), Arrays.stream(words)).toArray(String[]::new));
    }

    private Outcome inAllocation(String steps) {
        return cluster.on("head", "salloc", "--quiet", "-w", "n1", "-n1", "sh", "-c", steps);
    }

    @Test
    void what_a_step_changed_is_saved_and_is_an_image_again() throws IOException {
        Outcome saved = step(
                "--nodes=2",
                IMAGE,
                "--container-save=saved.sqsh",
                "sh",
                "-c",
                "hostname > /made; mkdir -m 555 /closed");
        Outcome used = step("--nodes=2", "--container-image=./saved.sqsh", "sh", "-c", "cat /made; " + WHO);
        Outcome again = step(
                "-N1",
                "--container-image=./saved.sqsh",
                "--container-save=saved.sqsh",
                "sh",
                "-c",
                "echo more >> /made; : > /closed/file");
        Outcome last = step("-N1", "--container-image=./saved.sqsh", "sh", "-c", "cat /made; ls /closed; touch /x");

        assertThat(saved.output()).isEmpty();
        assertThat(saved.status()).isZero();
        assertThat(used.lines()).containsExactlyInAnyOrder("n1", "berth-test", "n1", "berth-test");
        assertThat(again.status()).as(again.output()).isZero();
        assertThat(last.lines()).contains("n1", "more", "file").anyMatch(line -> line.contains("Read-only"));
        assertThat(Cluster.names(cluster.home())).contains("saved.sqsh").noneMatch(name -> name.contains("draft"));
    }

    @Test
    void a_tree_is_used_in_its_place_and_changed_only_when_asked_for() {
        step("-N1", IMAGE, "--container-save=tree.sqsh", "true");
        cluster.on(
                "head",
                "sh",
                "-c",
                "rm -rf tree && unsquashfs -q -n -d tree tree.sqsh && echo VAR=x > tree/etc/environment"
                        + " && rm tree/.berth-image.json");
        String tree = cluster.home() + "/tree";

        Outcome read = step("-N1", "--container-image=" + tree, "sh", "-c", "echo $VAR; " + WHO + "; touch /new");
        Outcome copied = step("-N1", "--container-image=./tree", "--container-name=copied", "touch", "/new");
        boolean before = cluster.hasHome("tree/new");
        Outcome changed = step("-N1", "--container-image=./tree", "--container-writable", "touch", "/new");

        assertThat(read.lines()).contains("x", "berth-test").anyMatch(line -> line.contains("Read-only"));
        assertThat(copied.status()).as(copied.output()).isZero();
        assertThat(before).isFalse();
        assertThat(changed.status()).as(changed.output()).isZero();
        assertThat(cluster.hasHome("tree/new")).isTrue();
    }

    @Test
    void what_the_image_sets_holds_unless_the_job_names_it() throws IOException {
        cluster.on(
                "head",
                "sh",
                "-c",
                "mkdir -p set/bin set/etc && cp /bin/busybox set/bin && for one in sh pwd true; do ln -s busybox set/bin/$one; done");
        Files.writeString(cluster.home().resolve("set/.berth-image.json"), """
                {"config": {"Env": ["PATH=/bin:/image", "VAR=image"], "Entrypoint": ["/bin/sh", "-c", "echo entry; exec \\"$@\\"", "--"]}}
                """);
        String outside =
                "export VAR=outside OTHER=outside; for more in '' --container-env=VAR,PATH --container-entrypoint;"
                        + " do srun --quiet -N1 -n1 --container-image=./set $more sh -c 'echo $VAR $OTHER $PATH; pwd'; done";

        Outcome outcome = inAllocation(outside);

        String home = cluster.home().toString();
        assertThat(outcome.lines()).hasSize(7);
        assertThat(outcome.lines().subList(0, 2)).containsExactly("image outside /bin:/image", home);
        assertThat(outcome.lines().get(2)).startsWith("outside outside /").contains("/usr/bin");
        assertThat(outcome.lines().subList(3, 7)).containsExactly(home, "entry", "image outside /bin:/image", home);
    }

    @Test
    void paths_that_are_no_image_or_no_place_to_save_are_refused() throws IOException {
        Files.writeString(cluster.home().resolve("text"), "no image\n");

        Outcome missing = step("-N1", "--container-image=/nosuch.sqsh", "true");
        Outcome text = step("-N1", "--container-image=./text", "true");
        Outcome folder = step("-N1", IMAGE, "--container-save=" + cluster.home(), "true");
        Outcome nowhere = step("-N1", IMAGE, "--container-save=nosuch/x", "true");
        Outcome stranger = step("-N1", "--container-image=/", "--container-writable", "true");

        assertThat(missing.status()).isEqualTo(125);
        assertThat(missing.output()).contains("using the image /nosuch.sqsh: there is no such file or folder");
        assertThat(text.output()).contains("it is neither a folder nor a squashfs file");
        assertThat(folder.status()).isEqualTo(1);
        assertThat(folder.output()).contains("--container-save: '" + cluster.home() + "' is a folder");
        assertThat(nowhere.output()).contains("--container-save: the folder of 'nosuch/x' is not there");
        assertThat(stranger.output()).contains("changing the image /: it belongs to another user");
    }

    @Test
    void flags_of_mounts_hold() {
        Outcome outcome = step(
                "-N1",
                IMAGE,
                "--container-mounts=/etc:/a:nosuid+nodev+noexec+ro+unbindable,/etc:/b:rslave+x-create=dir,/etc:/c",
                "sed",
                "-n",
                "s,.* /\\([abc]\\) \\([a-z]*\\)\\([^ ]*\\) \\([^-]*\\)-.*,\\1 \\2\\3 \\4,p",
                "/proc/self/mountinfo");

        assertThat(outcome.lines()).hasSize(3);
        assertThat(outcome.lines().getFirst())
                .startsWith("a ro,nosuid,nodev,noexec")
                .contains("unbindable");
        assertThat(outcome.lines().get(1)).startsWith("b rw");
        assertThat(outcome.lines().get(2)).startsWith("c rw").doesNotContain("master");
    }

    @Test
    void namespaces_beside_the_files_are_the_steps_own_and_its_ranks_share_them() {
        String look = "for one in net ipc uts pid; do readlink /proc/self/ns/$one; done; : > own-$SLURM_PROCID;"
                + " until [ -e own-0 ] && [ -e own-1 ]; do sleep 0.1; done";
        Outcome host = cluster.srun("--quiet", "-w", "n1", "-n1", "sh", "-c", look + " & : > own-1; wait");
        cluster.on("head", "sh", "-c", "rm -f own-*");

        Outcome both = step("-w", "n1", "-n2", IMAGE, "--container-unshare=net,uts", "sh", "-c", look);
        Outcome loopback = step(
                "-w",
                "n1",
                "-n1",
                IMAGE,
                "--container-unshare=net",
                "sh",
                "-c",
                "grep -c : /proc/net/dev; busybox ifconfig lo | grep -c UP");
        Outcome proot = step("-w", "n1", "-n1", IMAGE, "--container-unshare=net", "--container-mode=P2", "true");

        assertThat(both.lines()).as(both.output()).hasSize(8);
        assertThat(both.lines().stream().distinct()).hasSize(4);
        assertThat(both.lines().stream()
                        .filter(host.lines()::contains)
                        .distinct()
                        .map(line -> line.replaceFirst(":.*", "")))
                .containsExactlyInAnyOrder("ipc", "pid");
        assertThat(loopback.lines()).containsExactly("1", "1");
        assertThat(proot.status()).isEqualTo(125);
        assertThat(proot.output()).contains("make a namespace of its own (net)");
    }

    @Test
    void a_named_container_that_runs_is_joined_and_one_that_does_not_is_not() {
        String wait = "until [ -e started-$SLURM_JOB_ID ]; do sleep 0.1; done; ";
        Outcome outcome = inAllocation("srun --quiet --overlap --container-name=joined " + IMAGE
                + " --container-mounts=/etc:/only-there sh -c 'readlink /proc/self/ns/mnt; : > started-$SLURM_JOB_ID;"
                + " until [ -e done-$SLURM_JOB_ID ]; do sleep 0.1; done' & " + wait
                + "srun --quiet --overlap --container-name=joined:exec sh -c 'readlink /proc/self/ns/mnt; ls -d /only-there';"
                + "srun --quiet --overlap --container-name=$SLURM_JOB_ID.0 sh -c 'readlink /proc/self/ns/mnt';"
                + ": > done-$SLURM_JOB_ID; wait;"
                + "srun --quiet --overlap --container-name=joined:exec echo ran;"
                + "srun --quiet --overlap --container-name=$SLURM_JOB_ID.0 echo ran");

        List<String> lines = outcome.lines();
        assertThat(lines).filteredOn(line -> line.startsWith("mnt:")).hasSize(2);
        assertThat(lines.stream().filter(line -> line.startsWith("mnt:")).distinct())
                .hasSize(1);
        assertThat(lines).contains("/only-there").doesNotContain("ran");
        assertThat(lines)
                .filteredOn(line -> line.contains("joining container") && line.contains("no step of yours runs in it"))
                .hasSize(3);
    }

    @Test
    void a_running_step_without_a_name_is_joined_by_its_number() {
        Outcome outcome = inAllocation("srun --quiet --overlap " + IMAGE
                + " sh -c 'readlink /proc/self/ns/mnt; : > ran-$SLURM_JOB_ID;"
                + " until [ -e end-$SLURM_JOB_ID ]; do sleep 0.1; done' & "
                + "until [ -e ran-$SLURM_JOB_ID ]; do sleep 0.1; done;"
                + "srun --quiet --overlap --container-name=$SLURM_JOB_ID.0:exec"
                + " sh -c 'readlink /proc/self/ns/mnt; " + WHO + "'; : > end-$SLURM_JOB_ID; wait");

        assertThat(outcome.lines().stream()
                        .filter(line -> line.startsWith("mnt:"))
                        .distinct())
                .hasSize(1);
        assertThat(outcome.lines()).contains("berth-test");
    }

    @Test
    void a_name_serves_other_jobs_until_it_is_removed() {
        Outcome made = step("-w", "n1", "-n1", IMAGE, "--container-name=kept", "touch", "/by-the-first");
        Outcome found = step("-w", "n1", "-n1", "--container-name=kept", "ls", "/by-the-first");
        Outcome removed = cluster.on("n1", cluster.berthProgram(), "node", "release", "--tree=kept");
        Outcome gone = step("-w", "n1", "-n1", "--container-name=kept", "true");

        assertThat(made.output()).isEmpty();
        assertThat(found.output()).isEqualTo("/by-the-first\n");
        assertThat(removed.output()).isEmpty();
        assertThat(gone.output())
                .contains("making container kept: no image is named, and there is no container of that name");
    }

    @Test
    void a_batch_script_runs_inside_where_the_site_or_the_job_wants_it() throws IOException {
        Files.writeString(
                cluster.home().resolve("inside.sh"), "#!/bin/sh -e\n" + WHO + "\npwd\necho $# $1\n(exit 7)\nexit 8\n");

        Ended inside = cluster.await(batch(IMAGE));
        Ended outside = cluster.await(batch(IMAGE, "--no-container-batch"));
        Outcome piped = cluster.on(
                "head",
                "sh",
                "-c",
                "cat inside.sh | sbatch --parsable --output=job-%j.out " + IMAGE + " --container-mounts=/nosuch");
        Ended nowhere = cluster.await(piped.output().strip());

        assertThat(inside.lines()).containsExactly("berth-test", cluster.home().toString(), "1 the word");
        assertThat(inside.exitCode()).isEqualTo(7);
        assertThat(outside.lines()).startsWith("debian");
        assertThat(nowhere.exitCode()).isEqualTo(125);
        assertThat(nowhere.output()).contains("mounting /nosuch").doesNotContain("debian");
        cluster.idle();
        assertThat(cluster.on("head", "sinfo", "-h", "-o", "%T").output()).doesNotContain("drain");
    }

    private String batch(String... options) {
        Outcome outcome = cluster.on(
                "head",
                Stream.of(
                                Stream.of("sbatch", "--parsable", "--output=job-%j.out"),
                                Arrays.stream(options),
                                Stream.of("inside.sh", "the word"))
                        .flatMap(words -> words)
                        .toArray(String[]::new));
        assertThat(outcome.status()).as(outcome.output()).isZero();
        return outcome.output().strip();
    }

    @Test
    void an_image_of_a_user_wants_that_users_login() {
        Outcome outcome = step("-N1", "--container-image=me@" + BUSYBOX.replaceFirst("/", "#"), "true");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.output()).contains("using the login of me at " + Cluster.REGISTRY + ": none is stored");
    }

    @Test
    void the_plugin_is_packaged_from_what_the_distribution_brings() {
        Outcome made = cluster.on(
                "n1",
                "sh",
                "-c",
                "cd /tmp && for kind in deb rpm; do BERTH_HOME=/apps/berth "
                        + Cluster.distribution().resolve("share/slurm-spank/packaging") + "/$kind 1.2; done"
                        + " && dpkg-deb -x slurm-spank-berth_1.2_*.deb root && (cd root && find . -type f | sort)"
                        + " && tail -n 1 root/etc/slurm/plugstack.conf.d/berth.conf"
                        + " && dpkg-deb -f slurm-*.deb Depends && rpm -qp --requires slurm-*.rpm && rpm -qplv slurm-*.rpm");

        assertThat(made.status()).as(made.output()).isZero();
        assertThat(made.lines())
                .contains(
                        "./etc/slurm/plugstack.conf.d/berth.conf",
                        "./usr/lib/slurm-spank/berth.so",
                        "required /usr/lib/slurm-spank/berth.so home=/apps/berth")
                .anyMatch(line -> line.startsWith("slurm-client (>= "))
                .anyMatch(line -> line.matches("slurm >= [0-9]{2}\\.[0-9]{2}"))
                .anyMatch(line -> line.matches("slurm < [0-9]{2}\\.[0-9]{2}"))
                .anyMatch(line -> line.matches("-rw-r--r-- +1 root +root .*/slurm-spank/berth.so"))
                .anyMatch(line -> line.matches("-rw-r--r-- +1 root +root .* /etc/slurm/plugstack.conf.d/berth.conf"));
    }
}
