package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.app.WriteJobScript;
import io.berth.batch.Scheduler;
import io.berth.fake.Faults;
import io.berth.fault.Fault;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class JobOptionsTest {
    private static WriteJobScript.Request read(String... words) {
        CommandSpec spec = Model.command("script", "");
        JobOptions.addTo(spec);
        return JobOptions.read(new CommandLine(spec).parseArgs(words));
    }

    private static List<String> directives(String... words) {
        return Scheduler.named("slurm").directives(read(words).resources());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/images/app.sqsh", "./app.sqsh", "../tree"})
    void a_path_is_no_image(String path) {
        assertThat(Faults.expect(Fault.BAD_INPUT, () -> read(path)).hint().orElseThrow())
                .contains("berth load")
                .contains("--container-image");
    }

    /// An option of the command's must not become one of sbatch's, without a word.
    @Test
    void from_its_first_word_on_all_is_the_command() {
        for (String[] words : new String[][] {
            {"--nodes=2", "app", "sh", "-c", "echo hi", "--input=x", "-n", "4"},
            {"app", "--nodes=2", "sh", "-c", "echo hi", "--input=x", "-n", "4"},
            {"app", "--nodes=2", "--", "sh", "-c", "echo hi", "--input=x", "-n", "4"},
        }) {
            WriteJobScript.Request request = read(words);

            assertThat(request.command()).containsExactly("sh", "-c", "echo hi", "--input=x", "-n", "4");
            assertThat(Scheduler.named("slurm").directives(request.resources())).containsExactly("#SBATCH --nodes=2");
        }
        assertThat(read("app", "--", "a", "--", "b").command()).containsExactly("a", "--", "b");
        assertThat(read("app").command()).isEmpty();
    }

    @Test
    void an_option_of_sbatch_whose_value_would_be_taken_for_the_image_is_refused() {
        assertThat(Faults.expect(Fault.BAD_INPUT, () -> read("--qos", "high", "app", "--", "true"))
                        .hint()
                        .orElseThrow())
                .contains("--qos=VALUE");
        assertThat(directives("--exclusive", "app")).containsExactly("#SBATCH --exclusive");
    }

    @Test
    void each_option_becomes_the_directive_that_slurm_knows() {
        assertThat(directives(
                        "--nodes=2",
                        "--tasks=8",
                        "--tasks-per-node=4",
                        "--cpus-per-task=3",
                        "--memory=2G",
                        "--time=30",
                        "--partition=batch",
                        "--account=lab",
                        "--array=0-3",
                        "--gpus=2",
                        "--job-name=n",
                        "--output=o",
                        "app"))
                .containsExactly(
                        "#SBATCH --nodes=2",
                        "#SBATCH --ntasks=8",
                        "#SBATCH --ntasks-per-node=4",
                        "#SBATCH --cpus-per-task=3",
                        "#SBATCH --mem=2G",
                        "#SBATCH --time=30",
                        "#SBATCH --partition=batch",
                        "#SBATCH --account=lab",
                        "#SBATCH --array=0-3",
                        "#SBATCH --gpus=2",
                        "#SBATCH --job-name=n",
                        "#SBATCH --output=o");
    }

    @Test
    void short_options_are_slurms() {
        assertThat(directives(
                        "-N", "2", "-n", "8", "-c", "3", "-t", "30", "-p", "batch", "-A", "lab", "-J", "n", "app"))
                .containsExactly(
                        "#SBATCH --nodes=2",
                        "#SBATCH --ntasks=8",
                        "#SBATCH --cpus-per-task=3",
                        "#SBATCH --time=30",
                        "#SBATCH --partition=batch",
                        "#SBATCH --account=lab",
                        "#SBATCH --job-name=n");
    }

    @Test
    void any_other_option_is_handed_on_as_it_is() {
        assertThat(directives("--constraint=rack1", "--exclusive", "app"))
                .containsExactly("#SBATCH --constraint=rack1", "#SBATCH --exclusive");
    }

    @Test
    void a_word_that_is_no_option_of_sbatch_is_refused() {
        Faults.expect(Fault.BAD_INPUT, () -> read("-Zx", "app"));
    }

    @Test
    void what_the_container_needs_goes_on_to_the_nodes() {
        WriteJobScript.Request request = read(
                "--mpi=pmix",
                "--volume=/data:/in:ro",
                "--env=A=b c",
                "--mode=R1",
                "--workdir=/in",
                "app",
                "--",
                "x",
                "-y");

        assertThat(request.mpi()).contains("pmix");
        assertThat(request.command()).containsExactly("x", "-y");
        assertThat(request.prepare())
                .containsExactly("--volume=/data:/in:ro", "--env=A=b c", "--workdir=/in", "--mode=R1", "--entrypoint=");
    }

    @Test
    void no_option_of_the_container_is_lost_on_the_way() {
        List<String> options = List.of(
                "--volume=/data",
                "--mount=type=bind,source=/a,target=/b",
                "--novol=/sys",
                "--env=A=1",
                "--env-file=/dev/null",
                "--device=/dev/null",
                "--device=nvidia.com/gpu=0",
                "--device-class=verbs",
                "--workdir=/w",
                "--user=app",
                "--entrypoint=/e",
                "--kernel=4.1",
                "--cpuset-cpus=0-3",
                "--mode=P2",
                "--hostenv",
                "--hostauth",
                "--nosysdirs",
                "--nometa",
                "--bindhome",
                "--dri",
                "--nvidia",
                "--nvidia-if-present");

        assertThat(read(Stream.concat(options.stream(), Stream.of("app")).toArray(String[]::new))
                        .prepare())
                .containsExactlyElementsOf(options);
        assertThat(read("--containerauth", "app").prepare()).containsExactly("--containerauth");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--gpus=2", "-G2", "--gpus-per-node=4", "--gpus-per-task=1", "--gres=gpu:a100:2"})
    void whoever_wants_gpus_has_their_driver(String option) {
        assertThat(read(option, "app").prepare()).containsExactly("--nvidia-if-present");
        assertThat(read(option, "--nvidia", "app").prepare()).containsExactly("--nvidia");
        assertThat(read("--gres=license:1", "app").prepare()).isEmpty();
    }

    @Test
    void without_a_command_the_image_runs_what_it_is_for() {
        assertThat(read("app").prepare()).isEmpty();
    }

    @Test
    void a_volume_that_is_nonsense_is_refused_before_anything_is_submitted() {
        Faults.expect(Fault.BAD_INPUT, () -> read("--volume=data:/in", "app"));
    }
}
