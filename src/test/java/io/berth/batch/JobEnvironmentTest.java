package io.berth.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fault.Fault;
import io.berth.stage.JobKey;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class JobEnvironmentTest {
    @Test
    void what_slurm_says_is_taken() {
        assertThat(JobEnvironment.parse(
                        Map.of(
                                "SLURM_JOB_ID", "4711",
                                "SLURM_RESTART_COUNT", "2",
                                "SLURMD_NODENAME", "n3",
                                "SLURM_SUBMIT_DIR", "/scratch/run",
                                "PWD", "/else"),
                        "fallback"))
                .isEqualTo(new NodeContext(new JobKey("4711", 2), "n3", "/scratch/run"));
    }

    @Test
    void what_slurm_does_not_say_has_a_default() {
        assertThat(JobEnvironment.parse(Map.of("SLURM_JOB_ID", "1", "PWD", "/here"), "fallback"))
                .isEqualTo(new NodeContext(new JobKey("1", 0), "fallback", "/here"));
        assertThat(JobEnvironment.parse(Map.of("SLURM_JOB_ID", "1"), "f").workingDirectory())
                .isEqualTo("/");
    }

    @Test
    void whether_the_job_has_gpus_is_known() {
        assertThat(JobEnvironment.parse(Map.of("SLURM_JOB_ID", "1", "SLURM_JOB_GPUS", "0,3"), "f")
                        .gpus())
                .isTrue();
        assertThat(JobEnvironment.parse(Map.of("SLURM_JOB_ID", "1", "SLURM_STEP_GPUS", ""), "f")
                        .gpus())
                .isFalse();
    }

    @Test
    void outside_a_job_it_says_so() {
        assertThat(Faults.expect(Fault.BAD_INPUT, () -> JobEnvironment.parse(Map.of(), "f")))
                .hasMessageContaining("SLURM_JOB_ID");
    }

    @Test
    void a_job_or_a_count_that_is_none_is_refused() {
        Faults.expect(Fault.BAD_INPUT, () -> JobEnvironment.parse(Map.of("SLURM_JOB_ID", "../1"), "f"));
        Faults.expect(
                Fault.BAD_INPUT,
                () -> JobEnvironment.parse(Map.of("SLURM_JOB_ID", "1", "SLURM_RESTART_COUNT", "x"), "f"));
        Faults.expect(
                Fault.BAD_INPUT,
                () -> JobEnvironment.parse(Map.of("SLURM_JOB_ID", "1", "SLURM_RESTART_COUNT", "-1"), "f"));
    }
}
