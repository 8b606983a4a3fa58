package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.container.ContainerSpec;
import io.berth.container.EngineWishes;
import io.berth.container.Port;
import io.berth.container.SubIdWish;
import io.berth.container.Tree;
import io.berth.fake.ElfFixture;
import io.berth.fake.Faults;
import io.berth.fake.Golden;
import io.berth.fault.Fault;
import io.berth.files.Evidence;
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
        engines = engines(Proot.system(proot));
    }

    private static Engines engines(Proot proot) {
        return new Engines(new EngineOptions(Path.of("/opt/berth-exec"), Optional.of(proot), Path.of("/scratch")));
    }

    private static ContainerSpec spec(long uid, List<Mount> mounts, Optional<LaunchPlan.Share> share) {
        return spec(uid, mounts, share, EngineWishes.none());
    }

    private static ContainerSpec spec(
            long uid, List<Mount> mounts, Optional<LaunchPlan.Share> share, EngineWishes wishes) {
        return new ContainerSpec(
                new Tree(Path.of("/trees/one"), true),
                mounts,
                uid,
                uid == 0 ? 0 : 100,
                uid == 1000,
                new EnvironmentPolicy(List.of("TERM"), List.of(), new LinkedHashMap<>(), new LinkedHashMap<>()),
                new DescriptorPolicy.All(),
                "/",
                List.of("/entry"),
                List.of("serve"),
                share,
                wishes,
                List.of());
    }

    private String plan(ExecutionMode mode, ContainerSpec spec) {
        return PlanText.of(engines.forMode(mode).plan(spec, OWNER))
                .replace(folder.toString(), "FOLDER")
                .replace(Platform.machine(), "MACHINE")
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

    private Engines withOurOwnProot() throws IOException {
        Path program = Files.writeString(folder.resolve("proot-" + Platform.machine()), "");
        Path loader = Files.writeString(folder.resolve("proot-loader-" + Platform.machine()), "");
        assertThat(Proot.own(folder)).isEmpty();
        for (Path file : List.of(program, loader)) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r-xr-xr-x"));
        }

        return engines(Proot.own(folder).orElseThrow());
    }

    @Test
    void our_own_proot_needs_no_init_of_ours() throws IOException {
        engines = withOurOwnProot();

        Golden.check("engine-own-p1.plan", plan(ExecutionMode.P1, spec(1000, MOUNTS, Optional.empty())));
        Golden.check("engine-own-p2.plan", plan(ExecutionMode.P2, spec(1000, MOUNTS, Optional.empty())));
    }

    @Test
    void root_is_emulated_by_a_filter_or_by_our_proot_inside() throws IOException {
        assertThat(plan(ExecutionMode.R2, spec(0, MOUNTS, Optional.empty())))
                .contains("\nmode R2\n", "\nemulate root\n");
        assertThat(Faults.expect(Fault.HOST_UNFIT, () -> engines.forMode(ExecutionMode.R3)))
                .hasMessageContaining("needs libraries");

        engines = withOurOwnProot();

        Golden.check("engine-own-r3.plan", plan(ExecutionMode.R3, spec(0, MOUNTS, Optional.empty())));
        assertThat(plan(ExecutionMode.R3, spec(0, List.of(Mount.Bind.inPlace("/proc")), Optional.empty())))
                .as("where no tree gets a folder for it")
                .contains(
                        "\nbind FOLDER /proc/tty/ldisc ro,rec\n",
                        "\nset-env PROOT_LOADER /proc/tty/ldisc/proot-loader-MACHINE\n",
                        "\nprefix /proc/tty/ldisc/proot-MACHINE ")
                .doesNotContain("/.berth-engines");
        assertThat(plan(ExecutionMode.R3, writable(Path.of("/trees/two"), List.of())))
                .as("nor one that may be written")
                .contains("\nbind FOLDER /.berth-engines ro,rec,cover\n");
    }

    @Test
    void proot_emulates_an_id_only_when_it_is_not_the_callers() {
        assertThat(plan(ExecutionMode.P2, spec(1000, List.of(), Optional.empty())))
                .contains("engine FOLDER/proot -b /opt/berth-exec:");
        assertThat(plan(ExecutionMode.P2, spec(0, List.of(), Optional.empty()))).contains("/proot -0 -b");
        assertThat(plan(ExecutionMode.P2, spec(33, List.of(), Optional.empty())))
                .contains("/proot -i 33:100 -b");
    }

    private Optional<String> objection(ExecutionMode mode, ContainerSpec spec) {
        return engines.forMode(mode).objection(spec);
    }

    @Test
    void what_proot_cannot_do_is_told_and_not_left_out() {
        List.of(
                        new Mount.Bind(Path.of("/"), "/host", true, false),
                        new Mount.Bind(Path.of("/a:b"), "/host", false, false),
                        new Mount.Bind(Path.of("/"), "/ho:st", false, false),
                        new Mount.Tmpfs("/tmp", "size=1m"))
                .forEach(mount -> assertThat(objection(ExecutionMode.P2, spec(1000, List.of(mount), Optional.empty())))
                        .as("%s", mount)
                        .isPresent());
        assertThat(objection(ExecutionMode.P2, spec(1000, MOUNTS, Optional.empty())))
                .isEmpty();
    }

    @Test
    void a_library_that_wants_a_newer_kernel_is_told_before() throws IOException {
        GlibcTree tree = GlibcTree.in(folder.resolve("glibc"));
        tree.file("usr/lib/x86_64-linux-gnu/libc.so.6", ElfFixture.library(3, 17), "rwxr-xr-x");
        ContainerSpec spec = spec(new Tree(tree.root(), false, "x86_64"));

        assertThat(KernelDemand.of(spec, "3.17.0")).isEmpty();
        assertThat(KernelDemand.of(spec, "6.1.0-9-amd64")).isEmpty();
        Demand demand = KernelDemand.of(spec, "3.10.0-1160.el7").orElseThrow();
        StringBuilder said = new StringBuilder();
        for (ExecutionMode mode : List.of(ExecutionMode.P1, ExecutionMode.F1, ExecutionMode.R1)) {
            said.append(mode)
                    .append(" cannot ")
                    .append(Capabilities.objection(mode, List.of(demand)).orElseThrow())
                    .append('\n');
        }
        Golden.check("kernel-too-old.txt", said.toString());
        Evidence evidence = Evidence.begin();
        KernelDemand.note(spec, "3.10.0", evidence);
        assertThat(evidence.lines()).anyMatch(line -> line.get(1).endsWith("/libc.so.6"));
    }

    @Test
    void flags_that_proot_cannot_keep_are_told_and_those_that_hold_by_themselves_are_not() {
        for (String flag : List.of("noexec", "nodev")) {
            Mount mount = new Mount.Bind(Path.of("/"), "/host", false, false, List.of("nosuid", flag));
            assertThat(objection(ExecutionMode.P2, spec(1000, List.of(mount), Optional.empty())))
                    .contains("mount /host with nosuid and " + flag + ": nothing is mounted with flags there; use R1");
        }
        Mount harmless = new Mount.Bind(Path.of("/"), "/host", false, false, List.of("nosuid", "slave", "unbindable"));
        assertThat(objection(ExecutionMode.P2, spec(1000, List.of(harmless), Optional.empty())))
                .isEmpty();
    }

    @Test
    void a_tree_that_only_its_permissions_could_guard_is_not_read_only_in_proot() throws IOException {
        Path tree = Files.createDirectory(folder.resolve("tree"));
        assertThat(objection(ExecutionMode.P2, spec(new Tree(tree, true))))
                .contains("keep the files in " + tree + " from being changed");
        assertThat(objection(ExecutionMode.R1, spec(new Tree(tree, true)))).isEmpty();
        assertThat(objection(ExecutionMode.P2, spec(new Tree(tree, false)))).isEmpty();

        Files.setPosixFilePermissions(tree, PosixFilePermissions.fromString("r-xr-xr-x"));
        assertThat(objection(ExecutionMode.P2, spec(new Tree(tree, true)))).isEmpty();
    }

    @Test
    void namespaces_beside_the_files_are_for_modes_that_make_some() {
        ContainerSpec spec = wishing(EngineWishes.none().unsharing(List.of("net", "uts")));

        assertThat(plan(ExecutionMode.R1, spec)).contains("\nnamespace user,mount,net,uts\n");
        assertThat(objection(ExecutionMode.P2, spec))
                .contains("make a namespace of its own (net): no namespaces are made there; use R1");
    }

    private static ContainerSpec spec(Tree tree) {
        ContainerSpec usual = spec(1000, List.of(), Optional.empty());
        return new ContainerSpec(
                tree,
                usual.mounts(),
                usual.uid(),
                usual.gid(),
                usual.asCaller(),
                usual.environment(),
                usual.descriptors(),
                usual.workingDirectory(),
                usual.prefix(),
                usual.command(),
                usual.share(),
                usual.wishes(),
                usual.notices());
    }

    private static ContainerSpec wishing(EngineWishes wishes) {
        return spec(1000, List.of(), Optional.empty(), wishes);
    }

    private static EngineWishes ports(Port... ports) {
        return new EngineWishes(Optional.empty(), List.of(ports), false, Optional.empty());
    }

    @Test
    void another_kernel_release_is_for_proot_only() {
        ContainerSpec spec = wishing(new EngineWishes(Optional.of("4.1.2"), List.of(), false, Optional.empty()));

        assertThat(objection(ExecutionMode.R1, spec))
                .hasValueSatisfying(text -> assertThat(text).startsWith("show another kernel release: only PRoot"));
        assertThat(plan(ExecutionMode.P2, spec)).contains("/proot -k 4.1.2 -b");
    }

    @Test
    void a_port_that_is_the_same_on_both_sides_is_no_wish() {
        ContainerSpec spec = wishing(ports(new Port(8080, 8080)));

        assertThat(objection(ExecutionMode.R1, spec)).isEmpty();
        assertThat(objection(ExecutionMode.P2, spec)).isEmpty();
        assertThat(plan(ExecutionMode.P2, spec)).doesNotContain(" -p ");
    }

    @Test
    void a_port_is_mapped_by_a_proot_that_can_and_refused_otherwise() throws IOException {
        ContainerSpec spec = wishing(ports(new Port(8080, 80)));
        assertThat(objection(ExecutionMode.R1, spec))
                .hasValueSatisfying(text -> assertThat(text).contains("port 80", "8080"));

        makeProot("-r *path*, --rootfs=*path*");
        assertThat(objection(ExecutionMode.P2, spec))
                .hasValueSatisfying(text -> assertThat(text).contains("port 80", "8080"));

        makeProot("-p *string*, --port=*string*");
        assertThat(objection(ExecutionMode.P2, spec)).isEmpty();
        assertThat(plan(ExecutionMode.P2, spec)).contains(" -p 80:8080 ");
    }

    @Test
    void free_ports_are_a_matter_of_the_proot_and_no_reason_not_to_start() throws IOException {
        ContainerSpec spec = wishing(new EngineWishes(Optional.empty(), List.of(), true, Optional.empty()));
        assertThat(engines.forMode(ExecutionMode.R1).notices(spec)).hasSize(1);

        makeProot("no such option");
        assertThat(engines.forMode(ExecutionMode.P2).notices(spec)).hasSize(1);
        assertThat(plan(ExecutionMode.P2, spec)).doesNotContain(" -n ");

        makeProot("-n, --netcoop");
        assertThat(engines.forMode(ExecutionMode.P2).notices(spec)).isEmpty();
        assertThat(plan(ExecutionMode.P2, spec)).contains("/proot -n -b");
    }

    @Test
    void processors_are_kept_to_in_every_mode() {
        ContainerSpec spec = wishing(new EngineWishes(Optional.empty(), List.of(), false, Optional.of("0-1,3")));

        assertThat(plan(ExecutionMode.R1, spec)).contains("\ncpus 0-1,3\n");
        assertThat(plan(ExecutionMode.P2, spec)).contains("\ncpus 0-1,3\n");
    }

    /// One that says of itself what the words tell.
    private void makeProot(String help) throws IOException {
        Path proot = folder.resolve("proot");
        Files.writeString(proot, "#!/bin/sh\necho '" + help + "'\n");
        Files.setPosixFilePermissions(proot, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Engines engines(Optional<OciRuntime> runtime, Optional<Path> apptainer) {
        return new Engines(new EngineOptions(
                Path.of("/opt/berth-exec"),
                Optional.empty(),
                Optional.empty(),
                runtime,
                apptainer,
                Emulators.none(),
                folder));
    }

    private Path program(String name) throws IOException {
        return Files.writeString(folder.resolve(name), "");
    }

    @Test
    void a_runtime_gets_the_same_mounts_as_our_own_launcher() throws IOException {
        LaunchPlan.Share share = new LaunchPlan.Share(Path.of("/ranks"), "SLURM_STEP_ID");
        List<Mount> mounts =
                List.of(Mount.Bind.inPlace("/proc"), Mount.Bind.inPlace("/dev"), new Mount.Tmpfs("/tmp", "size=1m"));
        for (String name : List.of("crun", "runc-amd64")) {
            engines = engines(Optional.of(OciRuntime.named(program(name))), Optional.empty());
            Golden.check("engine-" + name + ".plan", plan(ExecutionMode.R1, spec(0, mounts, Optional.of(share))));
            assertThat(plan(ExecutionMode.R1, wishing(EngineWishes.none().unsharing(List.of("net")))))
                    .as("what is unshared with %s", name)
                    .contains("\nnamespace user,mount,net\n");
            assertThat(objection(ExecutionMode.R1, spec(0, mounts, Optional.empty())))
                    .isEmpty();
            assertThat(objection(ExecutionMode.R1, spec(1000, mounts, Optional.empty()))
                            .isPresent())
                    .as("the caller's own user with %s", name)
                    .isEqualTo(name.startsWith("runc"));
            assertThat(objection(ExecutionMode.R1, spec(0, List.of(), Optional.empty())))
                    .hasValueSatisfying(text -> assertThat(text).startsWith("do without /proc"));
            assertThat(engines.forMode(ExecutionMode.R1).notices(spec(0, mounts, Optional.of(share))))
                    .hasSize(1);
        }
        assertThat(Files.isDirectory(folder.resolve(".runtime"))).isTrue();
    }

    @Test
    void apptainer_shows_what_the_plan_says_and_nothing_of_its_own() throws IOException {
        engines = engines(Optional.empty(), Optional.of(program("apptainer")));
        List<Mount> mounts = List.of(
                Mount.Bind.inPlace("/proc"),
                Mount.Bind.inPlace("/dev"),
                new Mount.Bind(Path.of("/etc"), "/not/there", true, false));

        Golden.check("engine-s1.plan", plan(ExecutionMode.S1, spec(1000, mounts, Optional.empty())));
        assertThat(objection(ExecutionMode.S1, spec(1000, mounts, Optional.empty())))
                .isEmpty();
        assertThat(objection(ExecutionMode.S1, spec(33, mounts, Optional.empty())))
                .hasValueSatisfying(text -> assertThat(text).startsWith("show user 33"));
    }

    @Test
    void apptainer_makes_no_places_in_a_tree_that_can_be_written_to() throws IOException {
        engines = engines(Optional.empty(), Optional.of(program("apptainer")));
        Path root = folder.resolve("root");
        Files.createDirectories(root.resolve("there"));
        assertThat(objection(ExecutionMode.S1, inTree(root, "/there"))).isEmpty();
        assertThat(objection(ExecutionMode.S1, inTree(root, "/missing")))
                .hasValueSatisfying(text -> assertThat(text).startsWith("mount /missing: the tree has no such place"));
        assertThat(plan(ExecutionMode.S1, inTree(root, "/there")))
                .contains(" --writable --fakeroot --bind /etc:/there");
    }

    private static ContainerSpec inTree(Path root, String target) {
        return writable(
                root,
                List.of(
                        Mount.Bind.inPlace("/proc"),
                        Mount.Bind.inPlace("/dev"),
                        new Mount.Bind(Path.of("/etc"), target, false, false)));
    }

    private static ContainerSpec writable(Path root, List<Mount> mounts) {
        ContainerSpec some = spec(0, List.of(), Optional.empty());
        return new ContainerSpec(
                new Tree(root, false),
                mounts,
                0,
                0,
                false,
                some.environment(),
                some.descriptors(),
                "/",
                some.prefix(),
                some.command(),
                Optional.empty(),
                some.wishes(),
                List.of());
    }

    private static ContainerSpec foreign(List<Mount> mounts) {
        ContainerSpec some = spec(1000, mounts, Optional.empty());
        return new ContainerSpec(
                new Tree(Path.of("/trees/one"), true, "riscv64"),
                some.mounts(),
                some.uid(),
                some.gid(),
                true,
                some.environment(),
                some.descriptors(),
                "/",
                some.prefix(),
                some.command(),
                Optional.empty(),
                some.wishes(),
                List.of());
    }

    private static Engines emulating(Path berthExec, Optional<Proot> proot) {
        return new Engines(new EngineOptions(
                berthExec,
                proot,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                machine -> Optional.of(Path.of("/usr/bin/qemu-" + machine + "-static")),
                Path.of("/scratch")));
    }

    @Test
    void programs_for_another_processor_are_run_by_qemu_in_p_modes() throws IOException {
        ContainerSpec spec = foreign(List.of());
        assertThat(objection(ExecutionMode.P1, spec))
                .hasValueSatisfying(text -> assertThat(text).contains("only our own PRoot"));

        withOurOwnProot();
        Optional<Proot> own = Proot.own(folder);
        engines = new Engines(new EngineOptions(Path.of("/opt/berth-exec"), own, Path.of("/scratch")));
        assertThat(objection(ExecutionMode.P1, spec))
                .hasValueSatisfying(text -> assertThat(text).contains("there is no qemu-riscv64-static here"));

        engines = emulating(Path.of("/opt/berth-exec"), own);
        assertThat(objection(ExecutionMode.P1, spec)).isEmpty();
        assertThat(plan(ExecutionMode.P1, spec)).contains(" --kill-on-exit -q /usr/bin/qemu-riscv64-static -r ");
        assertThat(objection(ExecutionMode.R3, foreign(List.of(Mount.Bind.inPlace("/proc")))))
                .hasValueSatisfying(text -> assertThat(text).startsWith("run programs for riscv64: the PRoot inside"));
    }

    @Test
    void our_own_proot_is_known_by_the_repositorys_word_for_the_machine_too() throws IOException {
        assertThat(program("proot-arm64").toFile().setExecutable(true)).isTrue();
        assertThat(Proot.own(folder, "arm64")).isEmpty();

        Path loader = program("proot-loader-arm64");
        assertThat(loader.toFile().setExecutable(true)).isTrue();
        assertThat(Proot.own(folder, "arm64").flatMap(Proot::loader)).contains(loader);
    }

    @Test
    void in_r_modes_the_kernel_is_told_of_qemu_where_a_trial_shows_that_it_can_be() throws IOException {
        ContainerSpec spec = foreign(List.of(Mount.Bind.inPlace("/proc"), Mount.Bind.inPlace("/dev")));
        assertThat(objection(ExecutionMode.R1, spec))
                .hasValueSatisfying(text -> assertThat(text).contains("there is no qemu-riscv64-static here"));

        Path trial = program("trial");
        engines = emulating(trial, Optional.empty());
        trialEnds(trial, "[ \"$*\" = '--probe-emulator 64 little 243 /usr/bin/qemu-riscv64-static' ] && exit 42");
        assertThat(objection(ExecutionMode.R1, spec)).isEmpty();
        assertThat(objection(ExecutionMode.R1, foreign(List.of())))
                .contains("run programs for riscv64 without /proc of the host");
        assertThat(plan(ExecutionMode.R2, spec))
                .contains("\nemulate root\nemulator 64 little 243 /usr/bin/qemu-riscv64-static\n");

        engines = emulating(trial, Optional.empty()); // of another process
        trialEnds(trial, "echo berth: mounting it: No such device; exit 125");
        assertThat(objection(ExecutionMode.R1, spec))
                .contains("run programs for riscv64: mounting it: No such device; use P1");
    }

    @Test
    void a_trial_that_went_well_is_made_once_a_boot_and_program_and_one_that_failed_each_time() throws IOException {
        Path launcher = program("launcher");
        Path newuidmap = program("newuidmap");
        trialEnds(launcher, "echo x >>" + folder.resolve("calls") + "; echo berth: refused; exit 125");
        List<String> words = List.of("--probe-subids", "1");
        assertThat(kept(launcher, "boot").failure(words, List.of(newuidmap))).contains("refused");
        assertThat(kept(launcher, "boot").failure(words, List.of(newuidmap))).contains("refused");
        assertThat(calls()).isEqualTo(2);

        trialEnds(launcher, "echo x >>" + folder.resolve("calls") + "; exit 42");
        assertThat(kept(launcher, "boot").failure(words, List.of(newuidmap))).isEmpty();
        assertThat(kept(launcher, "boot").failure(words, List.of(newuidmap))).isEmpty();
        assertThat(calls()).isEqualTo(3);

        assertThat(kept(launcher, "boot").failure(List.of("--probe-subids", "2"), List.of(newuidmap)))
                .isEmpty();
        assertThat(kept(launcher, "other").failure(words, List.of(newuidmap))).isEmpty();
        Files.setPosixFilePermissions(newuidmap, PosixFilePermissions.fromString("r-xr-xr-x"));
        assertThat(kept(launcher, "boot").failure(words, List.of(newuidmap))).isEmpty();
        assertThat(calls()).isEqualTo(6);
    }

    /// Each mode asks, and so does who explains.
    @Test
    void a_trial_that_fails_is_made_once_by_a_process() throws IOException {
        Path launcher = program("launcher");
        trialEnds(launcher, "echo once >> " + folder.resolve("calls") + "; echo no; exit 125");
        KeptTrials trials = kept(launcher, "boot");

        for (int i = 0; i < 3; i++) {
            assertThat(trials.failure(List.of("--probe-subids"), List.of())).contains("no");
        }

        assertThat(calls()).isEqualTo(1);
    }

    private KeptTrials kept(Path launcher, String boot) {
        LaunchPlan.Owner owner = new LaunchPlan.Owner(OWNER.uid(), boot, OWNER.node());
        return new KeptTrials(launcher, Optional.of(owner), folder);
    }

    private long calls() throws IOException {
        return Files.readString(folder.resolve("calls")).lines().count();
    }

    @Test
    void subordinate_ids_are_used_where_they_are_wished_and_can_be() throws IOException {
        Path trial = program("trial");
        LaunchPlan.SubIds ids = new LaunchPlan.SubIds(100_000, 1000, 200_000, 900, trial, trial);
        engines = withIds(trial, new SubIdRanges.Found.Some(ids));
        trialEnds(trial, "[ \"$1 $2 $3 $4 $5\" = '--probe-subids 100000 1000 200000 900' ] && exit 42");

        ContainerSpec required = spec(0, List.of(), Optional.empty(), ids(SubIdWish.REQUIRED));
        assertThat(objection(ExecutionMode.R1, required)).isEmpty();
        assertThat(plan(ExecutionMode.R1, required)).contains("\nidentity 0 0\nsubids 100000 1000 200000 900 ");
        assertThat(users(required)).startsWith("user 0 is you, users 1 to 1000 are 100000 to 100999 of the host");
        ContainerSpec other = spec(33, List.of(), Optional.empty(), ids(SubIdWish.IF_POSSIBLE));
        assertThat(plan(ExecutionMode.R2, other)).contains("\nbecome 33 100\n").contains("\nemulate root\n");
        for (ExecutionMode mode : List.of(ExecutionMode.P1, ExecutionMode.P2)) {
            assertThat(objection(mode, required))
                    .contains("use subordinate ids: only berth's own namespaces have them;" + " use R1 or R2");
        }
        ContainerSpec unasked = spec(0, List.of(), Optional.empty(), ids(SubIdWish.NO));
        assertThat(plan(ExecutionMode.R1, unasked)).doesNotContain("subids");
        assertThat(users(unasked)).contains("were not asked for");
    }

    @Test
    void ids_that_are_required_and_cannot_be_used_are_an_objection_and_others_are_left_out() throws IOException {
        Path trial = program("trial");
        LaunchPlan.SubIds ids = new LaunchPlan.SubIds(100_000, 1000, 200_000, 1000, trial, trial);
        engines = withIds(trial, new SubIdRanges.Found.Some(ids));
        trialEnds(trial, "echo berth: mapping subordinate ids: not allowed; exit 125");

        refused(0, "mapping subordinate ids: not allowed");
        refused(1000, "the user inside is your own, who is user 0 with them; name another with --user");
        refused(1001, "user 1001 and group 100 are beyond yours, which end with 1000 and 1000");
        engines = withIds(trial, new SubIdRanges.Found.None("user x has no range in /etc/subuid"));
        refused(0, "user x has no range in /etc/subuid");
    }

    private void refused(long uid, String why) {
        assertThat(objection(ExecutionMode.R1, spec(uid, List.of(), Optional.empty(), ids(SubIdWish.REQUIRED))))
                .contains("use subordinate ids: " + why);
        ContainerSpec wished = spec(uid, List.of(), Optional.empty(), ids(SubIdWish.IF_POSSIBLE));
        assertThat(objection(ExecutionMode.R1, wished)).isEmpty();
        assertThat(plan(ExecutionMode.R1, wished)).doesNotContain("subids");
        assertThat(users(wished)).isEqualTo("one user and one group, no subordinate ids: " + why);
    }

    private static EngineWishes ids(SubIdWish wish) {
        return EngineWishes.none().withSubIds(wish);
    }

    private String users(ContainerSpec spec) {
        return engines.forMode(ExecutionMode.R1).users(spec).orElseThrow();
    }

    private Engines withIds(Path launcher, SubIdRanges.Found found) {
        EngineOptions options = new EngineOptions(launcher, Optional.of(Proot.system(folder.resolve("proot"))), folder);
        return new Engines(options, () -> found, new KeptTrials(launcher, Optional.empty(), folder));
    }

    private static void trialEnds(Path trial, String script) throws IOException {
        Files.writeString(trial, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(trial, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void without_a_proot_its_mode_is_refused() {
        Engines without = new Engines(new EngineOptions(Path.of("/x"), Optional.empty(), Path.of("/scratch")));

        Faults.expect(Fault.HOST_UNFIT, () -> without.forMode(ExecutionMode.P2));
    }
}
