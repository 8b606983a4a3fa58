package io.berth.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// `berth job submit` up to the door of Slurm, whose programs note what they are given.
@ExtendWith(Lab.Provider.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class SubmitIT {
    private final String box;
    private final Path programs;
    private final Path noted;
    private final Berth berth;

    SubmitIT(Lab lab) throws IOException {
        box = lab.registry().address() + "/berth/busybox";
        programs = lab.folder("slurm");
        Berth user = lab.user();
        noted = user.home().resolve("noted");
        berth = user.with("PATH", programs + ":/usr/bin:/bin");
    }

    @BeforeEach
    void install() throws IOException {
        program("sbatch", "n=$((40 + $(grep -c ^sbatch \"$noted\"))); cat \"$2\" >>\"$noted.$n\"; echo $n");
        program("scancel", "");
        program("sinfo", "echo 'batch* infinite'; echo 'short 10:00'");
    }

    private void program(String name, String body) throws IOException {
        Path file = Files.writeString(
                programs.resolve(name),
                "#!/bin/sh\nnoted=" + noted + "\necho \"" + name + " $*\" >>\"$noted\"\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private String noted() {
        return Files.exists(noted) ? Host.read(noted) : "";
    }

    private String script(int job) {
        return Host.read(noted.resolveSibling("noted." + job));
    }

    @Test
    void what_would_end_the_job_on_its_first_node_never_comes_to_sbatch() {
        String nothing = "sha256:" + "0".repeat(64);
        berth.run("job", "submit", box + "x", "--", "true").failedWith(1, box + "x:latest", "not found");
        berth.run("job", "submit", box + ":nope", "--", "true").failedWith(1, box + ":nope", "not found");
        berth.run("job", "submit", box + "@" + nothing, "--", "true").failedWith(1, nothing, "not found");
        berth.run("job", "submit", "127.0.0.1:1/x", "--", "true").failedWith(1, "127.0.0.1:1/x", "refused");
        berth.run("job", "submit", "--volume=/no/such:/data", box, "--", "true").failedWith(1, "/no/such", "/data");
        berth.run("job", "submit", "--mpi=openmpi", box, "--", "true").failedWith(2, "openmpi");
        berth.run("job", "submit", "./box.sqsh", "--", "true").failedWith(2, "./box.sqsh", "path");

        assertThat(noted()).isEmpty();
    }

    @Test
    void a_job_is_called_as_its_image_and_needs_sbatch() throws IOException {
        berth.succeed("job", "submit", box, "--", "true").wrote("41\n");
        assertThat(noted()).matches("sbatch --parsable /tmp/berth-job-[0-9]+/busybox\n");

        Files.delete(programs.resolve("sbatch"));
        berth.with("PATH", programs.toString())
                .run("job", "submit", box, "--", "true")
                .failedWith(1, "submitting the job: starting sbatch: no such file or directory");
    }

    @Test
    void a_job_that_waits_for_its_image_is_of_the_image_that_was_fetched() {
        Result both =
                berth.succeed("job", "submit", "--prefetch", "--partition=short", "--qos=long", box, "--", "true");

        assertThat(both.out()).isEqualTo("42\n");
        assertThat(both.err())
                .contains("job 41 fetches")
                .contains("slurm-41.out")
                .contains("job 42");
        assertThat(script(41)).contains("#SBATCH --time=0:10:00\n#SBATCH --partition=short\n#SBATCH --qos=long\n");
        assertThat(script(42))
                .contains("#SBATCH --dependency=afterok:41\n#SBATCH --kill-on-invalid-dep=yes\n")
                .contains("image="
                        + script(41).lines().reduce("", (_, line) -> line).replaceFirst(".* ", ""));
    }

    @Test
    void a_job_that_is_refused_takes_the_one_that_would_have_fetched_with_it() throws IOException {
        program(
                "sbatch",
                "echo 'sbatch: error: Batch job submission failed: Unable to contact slurm controller'; exit 1");
        assertThat(berth.run("job", "submit", box, "--", "true").err())
                .endsWith("hint: nothing was submitted; try again when slurm answers\n");

        program("sbatch", "echo 'sbatch: fatal: Could not establish a configuration source' >&2; exit 1");
        assertThat(berth.run("job", "submit", box, "--", "true").err())
                .contains("hint: submit on a machine that reaches Slurm's controller");

        program("sbatch", "grep -q prefetch \"$2\" && echo 41 && exit; echo 'sbatch: error: no such node' >&2; exit 1");

        berth.run("job", "submit", "--prefetch", box, "--", "true")
                .failedWith(1, "submitting the job: sbatch answered 1: no such node");

        assertThat(noted()).endsWith("scancel 41\n");
    }
}
