package io.berth.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// Jobs on a real Grid Engine of one host, which has no network: images come from the user's repository.
@ExtendWith(Lab.Provider.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(240)
class GridEngineIT {
    private static final Path SCRIPTS = Path.of("src/test/cluster").toAbsolutePath();
    private static final String BOX = "127.0.0.1:1/lab/box:1";
    private static final String MPI = "127.0.0.1:1/lab/mpi:1";

    private final Lab lab;
    private final Path home;
    private final Path nodeDirectory;
    private final Path base;

    GridEngineIT(Lab given) {
        lab = given;
        home = given.user().home();
        base = given.folder("gridengine").resolve("base");
        nodeDirectory = given.folder("nodes");
    }

    @BeforeAll
    void start() {
        Host.run("chmod", "1777", nodeDirectory.toString());
        Host.run(SCRIPTS + "/gridengine.sh", "up", base.toString(), String.valueOf(Host.USER), home.toString());
        for (String image : List.of("busybox " + BOX, "openmpi " + MPI)) {
            String name = image.substring(0, image.indexOf(' '));
            Host.run(SCRIPTS + "/images.sh", "build", name);
            Path layout = lab.folder(name).resolve("layout");
            Host.run("cp", "-rL", Host.run(SCRIPTS + "/images.sh", "path", name).strip(), layout.toString());
            Host.run("chmod", "-R", "a+rX", layout.toString());
            berth("load", "-i", layout.toString(), image.substring(image.indexOf(' ') + 1));
        }
        Host.run(
                SCRIPTS + "/gridengine.sh",
                "root",
                base.toString(),
                "qconf",
                "-mattr",
                "queue",
                "starter_method",
                lab.dist() + "/share/gridengine/starter",
                "all.q");
    }

    @AfterAll
    void stop() {
        Host.run(SCRIPTS + "/gridengine.sh", "down", base.toString());
    }

    private String exec(String... words) {
        List<String> all = new ArrayList<>(
                List.of(SCRIPTS + "/gridengine.sh", "exec", base.toString(), "env", "BERTH_NODE_DIR=" + nodeDirectory));
        all.addAll(List.of(words));
        return Host.run(all.toArray(String[]::new));
    }

    private String berth(String... words) {
        List<String> all = new ArrayList<>(List.of(lab.dist() + "/bin/berth"));
        all.addAll(List.of(words));
        return exec(all.toArray(String[]::new));
    }

    private String submit(String... words) {
        List<String> all = new ArrayList<>(List.of("job", "submit", "--scheduler=gridengine", "--output=out.$JOB_ID"));
        all.addAll(List.of(words));
        return berth(all.toArray(String[]::new)).strip();
    }

    /// @return its output
    private String await(String id, int status) {
        Host.waitUntil("job " + id + " ends", () -> accounted(id).contains("exit_status"));
        assertThat(accounted(id).lines().filter(line -> line.startsWith("exit_status")))
                .as(Host.read(home.resolve("out." + id)))
                .allMatch(line -> line.strip().endsWith(" " + status));
        return Host.read(home.resolve("out." + id));
    }

    private String accounted(String id) {
        return exec("sh", "-c", "qacct -j " + id + " 2>/dev/null || true");
    }

    private void nothingIsLeft() {
        assertThat(Host.names(nodeDirectory.resolve("berth-" + Host.USER).resolve("jobs")))
                .isEmpty();
    }

    @Test
    void a_job_runs_in_its_image_and_has_its_variables_and_status() {
        String id = submit(BOX, "--", "/bin/sh", "-c", "echo \"job $JOB_ID\"; test ! -e /etc/debian_version; exit 7");

        assertThat(await(id, 7)).isEqualTo("job " + id + "\n");
        nothingIsLeft();
    }

    @Test
    void ranks_of_open_mpi_are_one_world() {
        String id = submit("--tasks=4", "--mpi=openmpi", MPI, "--", "/usr/local/bin/mpi_hello");

        assertThat(await(id, 0).lines())
                .hasSize(4)
                .allMatch(line -> line.contains(" of 4 ") && line.endsWith("sum 10"));
        nothingIsLeft();
    }

    @Test
    void tasks_of_an_array_do_not_disturb_each_other() {
        String id = submit("--array=1-3", BOX, "--", "/bin/sh", "-c", "echo task $SGE_TASK_ID; sleep 1");

        Host.waitUntil(
                "the array ends",
                () -> accounted(id)
                                .lines()
                                .filter(line -> line.startsWith("exit_status"))
                                .count()
                        == 3);
        assertThat(await(id, 0).lines()).containsExactlyInAnyOrder("task 1", "task 2", "task 3");
        nothingIsLeft();
    }

    @Test
    void a_script_runs_inside_by_the_starter_method_of_the_queue() throws IOException {
        Path script = Files.writeString(
                home.resolve("plain.sh"), "#!/bin/sh\n#$ -cwd -j y -o out.$JOB_ID\nls /; echo \"$1\"; exit 3\n");
        String inside = exec("qsub", "-terse", "-v", "BERTH_CONTAINER_IMAGE=" + BOX, script.toString(), "a b")
                .strip();
        String outside =
                exec("qsub", "-terse", "-b", "n", script.toString(), "a b").strip();

        assertThat(await(inside, 3).lines()).endsWith("a b").contains("bin").doesNotContain("boot", "var/lib");
        assertThat(await(outside, 3).lines()).endsWith("a b").contains("boot");
        nothingIsLeft();
    }

    @Test
    void an_image_that_is_not_there_ends_the_job_with_one_message() throws IOException {
        Path script = Files.writeString(home.resolve("none.sh"), "#!/bin/sh\n#$ -cwd -j y -o out.$JOB_ID\necho no\n");
        String id = exec("qsub", "-terse", "-v", "BERTH_CONTAINER_IMAGE=127.0.0.1:1/no/such:1", script.toString())
                .strip();

        Host.waitUntil("job " + id + " ends", () -> accounted(id).contains("exit_status"));
        assertThat(Host.read(home.resolve("out." + id)).lines())
                .hasSize(2)
                .first()
                .asString()
                .startsWith("berth: ")
                .contains("no/such");
    }
}
