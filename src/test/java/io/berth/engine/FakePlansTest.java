package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.container.ContainerSpec;
import io.berth.container.EngineWishes;
import io.berth.container.Tree;
import io.berth.fake.ElfFixture;
import io.berth.fake.Golden;
import io.berth.image.Platform;
import io.berth.process.DescriptorPolicy;
import io.berth.process.EnvironmentPolicy;
import io.berth.process.LaunchPlan;
import io.berth.process.Mount;
import io.berth.process.PlanText;
import io.berth.ready.GlibcTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Plans of modes F1 to F4, and what these modes object to. On a machine other than x86_64 the tree is a foreign one.
@DisplayNameGeneration(ReplaceUnderscores.class)
class FakePlansTest {
    @TempDir
    Path folder;

    private GlibcTree tree;
    private Path data;
    private Engines engines;

    @BeforeEach
    void make_a_tree() throws IOException {
        folder = folder.toRealPath();
        tree = GlibcTree.in(folder.resolve("tree"));
        tree.program("usr/bin/tool");
        tree.file("usr/bin/fixed", ElfFixture.fixedProgram().bytes(), "rwxr-xr-x");
        Files.createDirectories(tree.root().resolve("usr/lib/locale"));
        Files.createDirectories(tree.root().resolve("usr/lib/x86_64-linux-gnu/gconv"));
        data = Files.createDirectories(folder.resolve("data"));
        String machine = Platform.machine();
        for (String name :
                List.of("libfakechroot-%s.so", "libberth-fake-%s.so", "patchelf-%s", "proot-%s", "proot-loader-%s")) {
            Path file = Files.writeString(folder.resolve(name.formatted(machine)), "");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r-xr-xr-x"));
        }
        engines = new Engines(new EngineOptions(
                Path.of("/opt/berth-exec"),
                Proot.own(folder),
                Fakechroot.own(folder),
                Optional.empty(),
                Optional.empty(),
                Emulators.none(),
                Path.of("/scratch")));
    }

    private ContainerSpec spec(long uid, List<Mount> mounts, String... command) {
        SequencedMap<String, String> settings = new LinkedHashMap<>();
        settings.put("PATH", "/usr/bin:/bin");
        settings.put("LD_PRELOAD", "/opt/own.so libx.so");
        return new ContainerSpec(
                new Tree(tree.root(), false),
                mounts,
                uid,
                100,
                uid == 1000,
                new EnvironmentPolicy(List.of("TERM"), List.of(), new LinkedHashMap<>(), settings),
                new DescriptorPolicy.All(),
                "/srv",
                List.of(),
                List.of(command),
                Optional.empty(),
                EngineWishes.none(),
                List.of());
    }

    private String plan(ExecutionMode mode, ContainerSpec spec) {
        return PlanText.of(engines.forMode(mode).plan(spec, new LaunchPlan.Owner(1000, "boot", "node1")))
                .replace(folder.toString(), "FOLDER")
                .replace(Platform.machine(), "MACHINE")
                .replaceAll("(?m)^stamp (\\S+) .*$", "stamp $1 INODE SIZE TIME");
    }

    private Optional<String> objection(ExecutionMode mode, ContainerSpec spec) {
        return engines.forMode(mode).objection(spec);
    }

    @Test
    void a_plan_has_all_that_the_launcher_and_the_companion_need() {
        List<Mount> mounts = List.of(
                Mount.Bind.inPlace("/proc"),
                new Mount.Bind(data, "/mnt/data", false, false),
                new Mount.Bind(Path.of("/no/such/place"), "/never", false, true));

        Golden.check("engine-f1.plan", plan(ExecutionMode.F1, spec(1000, mounts, "tool", "a b")));
        Golden.check("engine-f4.plan", plan(ExecutionMode.F4, spec(1000, mounts, "tool", "a b")));
    }

    @Test
    void what_the_mode_cannot_do_is_said_before() {
        for (ExecutionMode mode : List.of(ExecutionMode.F1, ExecutionMode.F2, ExecutionMode.F3, ExecutionMode.F4)) {
            assertThat(objection(mode, spec(1000, List.of(new Mount.Bind(data, "/d", true, false)), "tool")))
                    .hasValueSatisfying(why -> assertThat(why).contains("read-only"));
            assertThat(objection(mode, spec(7, List.of(), "tool")))
                    .hasValueSatisfying(why -> assertThat(why).contains("user 7"));
            assertThat(objection(
                            mode,
                            spec(
                                    1000,
                                    List.of(
                                            new Mount.Bind(data, "/d", false, false),
                                            new Mount.Bind(data, "/d/e", false, false)),
                                    "tool")))
                    .hasValueSatisfying(why -> assertThat(why).contains("/d/e inside of /d"));
        }
    }

    @Test
    void volumes_in_place_may_lie_in_each_other() {
        Path inner = data.resolve("inner");
        assertThat(inner.toFile().mkdir()).isTrue();
        List<Mount> mounts = List.of(Mount.Bind.inPlace(data.toString()), Mount.Bind.inPlace(inner.toString()));

        assertThat(objection(ExecutionMode.F1, spec(1000, mounts, "tool")).isEmpty())
                .isEqualTo(Platform.machine().equals("x86_64"));
    }

    @Test
    void more_paths_than_the_library_has_room_for_are_refused() throws IOException {
        List<Mount> many = IntStream.range(0, 101)
                .mapToObj(i -> folder.resolve("v" + i))
                .map(path -> {
                    assertThat(path.toFile().mkdir()).isTrue();
                    return (Mount) Mount.Bind.inPlace(path.toString());
                })
                .toList();

        assertThat(objection(ExecutionMode.F1, spec(1000, many, "tool")))
                .hasValueSatisfying(why -> assertThat(why).contains("more than 100"));
    }

    @Test
    void static_programs_and_images_without_glibc_are_refused() throws IOException {
        assertThat(objection(ExecutionMode.F1, spec(1000, List.of(), "fixed"))).isPresent();
        assertThat(objection(ExecutionMode.F1, spec(1000, List.of())).isEmpty())
                .isEqualTo(Platform.machine().equals("x86_64"));
        Files.delete(tree.root().resolve("usr/lib/x86_64-linux-gnu/libc.so.6"));
        assertThat(objection(ExecutionMode.F1, spec(1000, List.of(), "tool")))
                .hasValueSatisfying(why -> assertThat(why).contains("no C library"));
    }

    @Test
    void root_is_announced_as_who_starts_it() {
        Stream.of(0L, 1000L)
                .forEach(uid -> assertThat(engines.forMode(ExecutionMode.F2).notices(spec(uid, List.of(), "tool")))
                        .hasSize(uid == 0 ? 1 : 0));
    }
}
