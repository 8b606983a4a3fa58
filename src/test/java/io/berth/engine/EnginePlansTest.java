package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.container.ContainerSpec;
import io.berth.container.Tree;
import io.berth.fake.Faults;
import io.berth.fake.Golden;
import io.berth.fault.Fault;
import io.berth.process.DescriptorPolicy;
import io.berth.process.EnvironmentPolicy;
import io.berth.process.LaunchPlan;
import io.berth.process.Mount;
import io.berth.process.PlanText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class EnginePlansTest {
    private static final LaunchPlan.Owner OWNER = new LaunchPlan.Owner(1000, "boot", "node1");
    private static final List<Mount> MOUNTS = List.of(
            new Mount.Bind(Path.of("/"), "/host", false, false),
            new Mount.Bind(Path.of("/no/such/place"), "/never", false, true));

    @TempDir
    Path folder;

    private Engines engines;

    @BeforeEach
    void make_a_proot() throws IOException {
        Path proot = Files.writeString(folder.resolve("proot"), "");
        engines = new Engines(new EngineOptions(Path.of("/opt/berth-exec"), Optional.of(proot), Path.of("/scratch")));
    }

    private static ContainerSpec spec(long uid, List<Mount> mounts, Optional<LaunchPlan.Share> share) {
        return new ContainerSpec(
                new Tree(Path.of("/trees/one"), true),
                mounts,
                uid,
                100,
                new EnvironmentPolicy(List.of("TERM"), List.of(), new LinkedHashMap<>(), new LinkedHashMap<>()),
                new DescriptorPolicy.All(),
                "/",
                List.of("/entry"),
                List.of("serve"),
                share);
    }

    private String plan(ExecutionMode mode, ContainerSpec spec) {
        return PlanText.of(engines.forMode(mode).plan(spec, OWNER))
                .replace(folder.toString(), "FOLDER")
                .replaceAll("(?m)^stamp (\\S+) .*$", "stamp $1 INODE SIZE TIME");
    }

    @Test
    void a_namespace_plan_has_the_whole_spec() {
        Golden.check(
                "engine-r1.plan",
                plan(
                        ExecutionMode.R1,
                        spec(1000, MOUNTS, Optional.of(new LaunchPlan.Share(Path.of("/ranks"), "SLURM_STEP_ID")))));
    }

    @Test
    void a_proot_plan_leaves_out_what_the_host_lacks() {
        Golden.check("engine-p2.plan", plan(ExecutionMode.P2, spec(1000, MOUNTS, Optional.empty())));
    }

    @Test
    void proot_emulates_an_id_only_when_it_is_not_the_callers() {
        assertThat(plan(ExecutionMode.P2, spec(1000, List.of(), Optional.empty())))
                .contains("engine FOLDER/proot -b /opt/berth-exec:");
        assertThat(plan(ExecutionMode.P2, spec(0, List.of(), Optional.empty()))).contains("/proot -0 -b");
        assertThat(plan(ExecutionMode.P2, spec(33, List.of(), Optional.empty())))
                .contains("/proot -i 33:100 -b");
    }

    @Test
    void what_proot_cannot_do_is_refused_and_not_left_out() {
        List.of(
                        new Mount.Bind(Path.of("/"), "/host", true, false),
                        new Mount.Bind(Path.of("/a:b"), "/host", false, false),
                        new Mount.Bind(Path.of("/"), "/ho:st", false, false),
                        new Mount.Tmpfs("/tmp", "size=1m"))
                .forEach(mount -> assertThat(Faults.expect(
                                Fault.HOST_UNFIT,
                                () -> plan(ExecutionMode.P2, spec(1000, List.of(mount), Optional.empty()))))
                        .hasMessageContaining("PRoot cannot"));
    }

    @Test
    void without_a_proot_its_mode_is_refused() {
        Engines without = new Engines(new EngineOptions(Path.of("/x"), Optional.empty(), Path.of("/scratch")));

        Faults.expect(Fault.HOST_UNFIT, () -> without.forMode(ExecutionMode.P2));
    }
}
