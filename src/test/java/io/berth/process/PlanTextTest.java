package io.berth.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fake.Golden;
import io.berth.fault.Fault;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SequencedMap;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PlanTextTest {
    private static final LaunchPlan.Owner OWNER =
            new LaunchPlan.Owner(1000, "7f1e0a52-0000-4000-8000-000000000001", "node1");

    @Test
    void a_plan_with_a_namespace_has_every_directive() {
        LaunchPlan.Namespace start = new LaunchPlan.Namespace(
                0,
                100,
                Optional.of(new LaunchPlan.Share(Path.of("/scratch/berth-1000/ranks"), "SLURM_STEP_ID")),
                Path.of("/scratch/berth-1000/a tree"),
                true,
                List.of(
                        Mount.Bind.inPlace("/dev"),
                        new Mount.Bind(Path.of("/data/100%"), "/mnt/in put", true, false),
                        Mount.Bind.traceless(Path.of("/usr/lib/libcuda.so.1"), "/opt/libcuda.so.1"),
                        new Mount.Tmpfs("/tmp", "mode=1777,size=64m")),
                "/home/ü",
                true);

        Golden.check("namespace.plan", PlanText.of(plan("R1", start, new DescriptorPolicy.NamedBy(List.of("PMI_FD")))));
    }

    @Test
    void a_plan_with_an_engine_has_every_directive() {
        LaunchPlan.Engine start = new LaunchPlan.Engine(
                List.of("/usr/bin/proot", "-b", "/dev:/dev", "-r", "/a tree"),
                map("PROOT_NO_SECCOMP", "1"),
                Optional.of("/.berth-init"));

        Golden.check(
                "engine.plan",
                PlanText.of(plan("P2", start, new DescriptorPolicy.All()).withAfter(List.of("--quiet", "rm", "c1"))));
    }

    @Test
    void words_that_are_not_there_have_no_line() {
        LaunchPlan plan = new LaunchPlan(
                "R1",
                OWNER,
                List.of(),
                new EnvironmentPolicy(List.of(), List.of(), map(), map()),
                new DescriptorPolicy.NamedBy(List.of()),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                new LaunchPlan.Namespace(1000, 1000, Optional.empty(), Path.of("/t"), false, List.of(), "/", false));

        assertThat(PlanText.of(plan)).isEqualTo("""
                berth-plan 1
                mode R1
                uid 1000
                boot 7f1e0a52-0000-4000-8000-000000000001
                node node1
                namespace user,mount
                identity 1000 1000
                root /t rw
                workdir /
                end
                """);
    }

    /// Seeded, so a failure repeats. The decoder is written from docs/formats/launch-plan.md.
    @Test
    void every_word_comes_back_as_it_was() {
        Random random = new Random(11);
        for (int i = 0; i < 5000; i++) {
            String word = random.ints(random.nextInt(12), 1, i % 2 == 0 ? 0x100 : 0x2FFF)
                    .mapToObj(Character::toString)
                    .reduce("", String::concat);

            String encoded = PlanText.encode(word);

            assertThat(encoded).matches("[!-~]+");
            assertThat(decode(encoded)).isEqualTo(word);
        }
        assertThat(decode(PlanText.encode("\uD83D\uDEA2 %"))).isEqualTo("\uD83D\uDEA2 %");
    }

    @Test
    void bytes_that_are_not_utf8_are_written_as_they_were() {
        String word = "a" + Character.toString(0x10FFFF) + Character.toString(0x10FF80) + "\u00e9";

        assertThat(RawBytes.areIn(word)).isTrue();
        assertThat(RawBytes.areIn("a\uD83D\uDEA2\u00e9")).isFalse();
        assertThat(PlanText.encode(word)).isEqualTo("a%FF%80%C3%A9");
    }

    @Test
    void a_plan_that_joins_says_whom_and_has_nothing_of_the_container() {
        LaunchPlan.Namespace made =
                new LaunchPlan.Namespace(0, 0, Optional.empty(), Path.of("/t"), false, List.of(), "/w", true);

        assertThat(PlanText.of(plan("R1", made, new DescriptorPolicy.All()).joining(new ProcessMark(42, 123456))))
                .contains("\nnamespace user,mount\njoin 42 123456\nworkdir /w\nemulate root\n")
                .doesNotContain("identity", "root /t");
        assertThat(PlanText.of(plan("R1", made, new DescriptorPolicy.All()).joining(Path.of("/ranks"), "3")))
                .contains("\nnamespace user,mount\njoin-ranks /ranks 3\nworkdir /w\nemulate root\n")
                .doesNotContain("identity", "root /t");
    }

    @Test
    void with_subordinate_ids_the_caller_is_user_0_and_the_program_becomes_whom_it_is_to_be() {
        LaunchPlan plan = plan("R1", amongIds(33, 34), new DescriptorPolicy.All());

        assertThat(PlanText.of(plan))
                .contains("\nidentity 0 0\nsubids 100000 65536 200000 1000 /bin/u%20map /bin/gmap\nbecome 33 34\n");
        assertThat(PlanText.of(plan.joining(new ProcessMark(42, 1))))
                .contains("\nbecome 33 34\n")
                .doesNotContain("subids");
    }

    @Test
    void user_0_among_subordinate_ids_need_not_become_anybody() {
        LaunchPlan plan = plan("R1", amongIds(0, 0), new DescriptorPolicy.All());

        assertThat(PlanText.of(plan)).contains("\nsubids ").doesNotContain("become");
        // where it says that setuid programs and the kernel's own answers are kept
        assertThat(PlanText.of(plan.joining(new ProcessMark(42, 1)))).contains("\nbecome 0 0\n");
        assertThat(PlanText.of(plan.byRuntime("crun", Path.of("/crun"), Path.of("/f"), Path.of("/init"))))
                .doesNotContain("subids");
    }

    private static LaunchPlan.Namespace amongIds(long uid, long gid) {
        return new LaunchPlan.Namespace(
                uid,
                gid,
                Optional.empty(),
                Path.of("/t"),
                false,
                List.of(),
                "/w",
                false,
                List.of(),
                Optional.empty(),
                Optional.of(new LaunchPlan.SubIds(
                        100_000, 65_536, 200_000, 1000, Path.of("/bin/u map"), Path.of("/bin/gmap"))));
    }

    @Test
    void a_variable_is_added_unless_it_is_set() {
        LaunchPlan plan = plan(
                "R1",
                new LaunchPlan.Joined(new ProcessMark(1, 1), "/", false, Optional.empty()),
                new DescriptorPolicy.All());

        assertThat(plan.withVariable("NEW", "1").environment().settings()).containsEntry("NEW", "1");
        assertThat(plan.withVariable("A", "1").environment().settings()).containsEntry("A", "b=c\n");
    }

    @Test
    void a_nul_byte_cannot_be_written() {
        Faults.expect(Fault.BAD_INPUT, () -> PlanText.encode("a\0b"));
    }

    private static String decode(String word) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < word.length() && !word.equals("%"); i++) {
            if (word.charAt(i) == '%') {
                bytes.write(Integer.parseInt(word.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                bytes.write(word.charAt(i));
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static LaunchPlan plan(String mode, LaunchPlan.Start start, DescriptorPolicy descriptors) {
        return new LaunchPlan(
                mode,
                OWNER,
                List.of(
                        new Stamp(Path.of("/usr/bin/proot"), 17, 4096, Instant.ofEpochSecond(1_700_000_000, 5)),
                        new Stamp(Path.of("/usr/bin"), 18, -1, Instant.ofEpochSecond(0, 999_999_999))),
                new EnvironmentPolicy(
                        List.of("SLURM_*", "TERM"), List.of("LD_*"), map("LANG", "C"), map("EMPTY", "", "A", "b=c\n")),
                descriptors,
                List.of("/entry point", "--"),
                List.of("sh", "-c", "echo \"$1\"; exit 3"),
                List.of(),
                Optional.of("0-3,8"),
                Optional.of(Path.of("/containers/c1/.berth/runs/7")),
                start);
    }

    private static SequencedMap<String, String> map(String... pairs) {
        SequencedMap<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i], pairs[i + 1]);
        }
        return map;
    }
}
