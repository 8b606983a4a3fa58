package io.berth.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.process.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What `deploy/slurm/hooks` find out about the site that they serve.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SlurmHooksTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Path HOOKS = Path.of("deploy/slurm/hooks").toAbsolutePath();

    @TempDir
    Path folder;

    private Path home;
    private Path slurmConf;

    @BeforeEach
    void install() throws IOException {
        home = Files.createDirectories(folder.resolve("berth"));
        Path hooks = Files.createDirectories(home.resolve("share/slurm/hooks"));
        try (var files = Files.list(HOOKS)) {
            for (Path file : files.toList()) {
                Files.copy(file, hooks.resolve(file.getFileName()));
            }
        }
        Path berth =
                Files.writeString(Files.createDirectories(home.resolve("bin")).resolve("berth"), "#!/bin/sh\n");
        Files.setPosixFilePermissions(berth, PosixFilePermissions.fromString("rwxr-xr-x"));
        slurmConf = folder.resolve("slurm.conf");
    }

    /// What a shell says that has read the hooks' common part in the place of a hook.
    private String said(String hook, String script) {
        List<String> words = new ArrayList<>(List.of("env", "-u", "BERTH_HOME", "-u", "BERTH_NODE_DIR"));
        words.add("SLURM_CONF=" + slurmConf);
        words.addAll(List.of("sh", "-c", ". \"$1\"; " + script, hook, home + "/share/slurm/hooks/common.sh"));
        Command.Result result = Command.run(words, LIMIT);
        assertThat(result.status()).as(result.output()).isZero();
        return result.output().strip();
    }

    @ParameterizedTest
    @CsvSource({
        "'',4", // Slurm's default of 10, which a longer prolog would turn into a lost job
        "BatchStartTimeout=20,10",
        "batchstarttimeout = 610  # for the prolog,600",
        "BatchStartTimeout=9999,600",
        "#BatchStartTimeout=610,4",
        "BatchStartTimeout=610|PrologEpilogTimeout=100,90",
        "BatchStartTimeout=610|PrologEpilogTimeout=0,600",
        "PrologEpilogTimeout=5,1",
    })
    void a_prolog_takes_no_longer_than_slurm_waits_for_it(String conf, int seconds) throws IOException {
        Files.writeString(slurmConf, "ClusterName=x\n" + conf.replace('|', '\n') + "\n");

        assertThat(said(HOOKS + "/prolog", "prefetch_seconds")).isEqualTo("" + seconds);
    }

    @Test
    void where_slurm_keeps_its_file_elsewhere_the_short_time_counts() {
        assertThat(said(HOOKS + "/prolog", "prefetch_seconds; within 60")).isEqualTo("4\n60");
    }

    @Test
    void a_hook_serves_the_distribution_that_it_lies_in_also_by_a_link() throws IOException {
        Path hook = home.resolve("share/slurm/hooks/prolog");
        Path link = Files.createSymbolicLink(folder.resolve("50-berth"), hook);

        for (Path called : List.of(hook, link)) {
            assertThat(said(called.toString(), "cd \"$berth\" && pwd")).isEqualTo(home.toString());
        }
        assertThat(said("/etc/slurm/prolog.d/berth", "echo \"$berth\"")).isEqualTo("/opt/berth");
    }

    @ParameterizedTest
    @CsvSource({"node_dir = /scratch/node,/scratch/node", "node_dir='/a b',/a b", "#node_dir = /x,/tmp"})
    void what_the_site_says_of_its_nodes_holds_for_hooks(String line, String place) throws IOException {
        Files.writeString(
                Files.createDirectories(home.resolve("etc")).resolve("berth.conf"), "# node_dir = /no\n" + line + "\n");

        assertThat(said(home + "/share/slurm/hooks/epilog", "echo \"$node_dir\""))
                .isEqualTo(place);
    }

    @Test
    void without_a_berth_a_hook_does_nothing_and_does_not_fail() throws IOException {
        Files.delete(home.resolve("bin/berth"));

        assertThat(said("/nowhere/prolog", "berth=/nowhere; as_user 5 0 node sweep; echo $?"))
                .isEqualTo("0");
    }

    @Test
    void shellcheck_has_nothing_to_say() throws IOException {
        List<String> words = new ArrayList<>(List.of("shellcheck", "--norc", "-x"));
        try (var files = Files.list(HOOKS)) {
            files.map(Path::toString).sorted().forEach(words::add);
        }

        assertThat(Command.run(words, LIMIT).output()).isEmpty();
    }
}
