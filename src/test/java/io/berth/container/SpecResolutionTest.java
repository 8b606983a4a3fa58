package io.berth.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fault.Fault;
import io.berth.image.Digest;
import io.berth.image.ImageConfig;
import io.berth.image.Platform;
import io.berth.process.DescriptorPolicy;
import io.berth.process.EnvironmentPolicy;
import io.berth.process.LaunchPlan;
import io.berth.process.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SpecResolutionTest {
    private static final HostUser CALLER = new HostUser(1234, 200, List.of(), "ada", "/home/ada");
    private static final LaunchPlan.Share SHARE = new LaunchPlan.Share(Path.of("/n/ranks"), "SLURM_STEP_ID");

    @TempDir
    Path folder;

    private Path root;
    private Surroundings around = new Surroundings(CALLER, HostAccounts.none(), RunDefaults.usual());
    private ImageConfig image;

    @BeforeEach
    void make_a_tree_and_an_image() throws IOException {
        root = Files.createDirectories(folder.resolve("tree"));
        for (String name : List.of("etc", "work", "srv", "root", "else", "home/ada")) {
            Files.createDirectories(root.resolve(name));
        }
        Files.writeString(root.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\napp:x:101:102::/srv:/bin/sh\n");
        Files.writeString(root.resolve("etc/group"), "root:x:0:\napp:x:102:\n");
        image = image("", List.of("PATH=/opt/bin:/bin", "OMP_NUM_THREADS=2", "LANG=C"), List.of("/entry"), "/work");
    }

    private static ImageConfig image(String user, List<String> env, List<String> entrypoint, String workingDirectory) {
        return new ImageConfig(
                Platform.parse("linux/amd64"),
                env,
                entrypoint,
                List.of("serve"),
                workingDirectory,
                user,
                List.of(Digest.sha256Of(new byte[0])));
    }

    /// Choices in which nothing is chosen but what a test sets.
    private static final class Choices {
        private List<Volume> volumes = List.of();
        private List<String> env = List.of();
        private Optional<String> workingDirectory = Optional.empty();
        private Optional<String> user = Optional.empty();
        private Optional<List<String>> entrypoint = Optional.empty();
        private List<String> command = List.of();
        private boolean hostEnvironment;
        private List<String> envFile = List.of();
        private List<String> without = List.of();
        private List<Volume> devices = List.of();
        private boolean system = true;
        private boolean graphics;
        private boolean home;
        private boolean asImageSays = true;
        private RunChoices.AccountFiles files = RunChoices.AccountFiles.COMPLETED;

        RunChoices done() {
            return new RunChoices(
                    new RunChoices.Shown(volumes, without, devices, List.of(), system, graphics, home),
                    new RunChoices.Variables(env, envFile, hostEnvironment),
                    new RunChoices.Account(user, files),
                    new RunChoices.Program(entrypoint, command, workingDirectory, asImageSays),
                    EngineWishes.none());
        }
    }

    private ContainerSpec resolve(Occasion occasion, Choices choices) {
        return SpecResolution.resolve(
                choices.done(), image, new Tree(root, true), around, occasion, folder.resolve("scratch"));
    }

    private static Mount mountAt(ContainerSpec spec, String target) {
        return spec.mounts().stream()
                .filter(mount -> mount.target().equals(target))
                .findFirst()
                .orElseThrow(() -> new AssertionError("nothing is mounted at " + target));
    }

    private static Path sourceAt(ContainerSpec spec, String target) {
        return ((Mount.Bind) mountAt(spec, target)).source();
    }

    @Nested
    class Run {
        private final Occasion occasion = new Occasion.Run("0a1b2c3d-1-2-3-4", List.of("one", "two"));
        private final Choices choices = new Choices();

        @Test
        void without_choices_the_image_decides_and_root_is_shown() {
            ContainerSpec spec = resolve(occasion, choices);

            assertThat(spec.uid()).isZero();
            assertThat(spec.gid()).isZero();
            assertThat(spec.prefix()).containsExactly("/entry");
            assertThat(spec.command()).containsExactly("serve");
            assertThat(spec.workingDirectory()).isEqualTo("/work");
            assertThat(spec.descriptors()).isEqualTo(new DescriptorPolicy.All());
            assertThat(spec.share()).isEmpty();
            assertThat(spec.mounts())
                    .extracting(Mount::target)
                    .containsExactly("/dev", "/proc", "/sys", "/etc/resolv.conf", "/etc/host.conf", "/lib/modules");
        }

        @Test
        void the_variables_of_udocker_are_set_and_those_of_the_image_win_over_ours() {
            ContainerSpec spec = resolve(occasion, choices);

            assertThat(spec.environment().settings())
                    .containsEntry("PATH", "/opt/bin:/bin")
                    .containsEntry("HOME", "/root")
                    .containsEntry("USER", "root")
                    .containsEntry("LOGNAME", "root")
                    .containsEntry("USERNAME", "root")
                    .containsEntry("SHLVL", "0")
                    .containsEntry("PS1", "0a1b2c3d# ")
                    .containsEntry("container_ruser", "ada")
                    .containsEntry("container_root", root.toString())
                    .containsEntry("container_uuid", "0a1b2c3d-1-2-3-4")
                    .containsEntry("container_names", "one,two");
            assertThat(spec.environment().drop()).containsExactly("VTE_VERSION");
        }

        @Test
        void what_a_launcher_sets_wins_over_the_image_but_not_over_the_user() {
            ContainerSpec silent = resolve(occasion, choices);
            assertThat(silent.environment().keep())
                    .contains("OMP_*", "SLURM_*", "LANG")
                    .doesNotContain("*");
            assertThat(silent.environment().defaults())
                    .containsEntry("OMP_NUM_THREADS", "2")
                    .containsEntry("LANG", "C");
            assertThat(silent.environment().settings()).doesNotContainKeys("OMP_NUM_THREADS", "LANG");

            choices.env = List.of("OMP_NUM_THREADS=8", "A=b=c", "EMPTY=", "PATH");
            ContainerSpec spec = resolve(occasion, choices);

            assertThat(spec.environment().defaults()).doesNotContainKey("OMP_NUM_THREADS");
            assertThat(spec.environment().settings())
                    .containsEntry("OMP_NUM_THREADS", "8")
                    .containsEntry("A", "b=c")
                    .containsEntry("EMPTY", "")
                    .doesNotContainKey("PATH");
            assertThat(spec.environment().keep()).contains("PATH");
        }

        @Test
        void the_whole_environment_comes_without_what_names_files_of_the_host() {
            choices.hostEnvironment = true;
            choices.env = List.of("HOME");

            ContainerSpec spec = resolve(occasion, choices);

            assertThat(spec.environment().keep()).containsExactly("*", "HOME");
            assertThat(spec.environment().drop()).contains("LD_*", "PATH", "BERTH_FRONT_*", "VTE_VERSION");
        }

        @Test
        void a_command_keeps_the_entry_point_and_another_entry_point_drops_the_images_command() {
            choices.command = List.of("ls", "-l");
            assertThat(resolve(occasion, choices).prefix()).containsExactly("/entry");
            assertThat(resolve(occasion, choices).command()).containsExactly("ls", "-l");

            choices.entrypoint = Optional.of(List.of());
            assertThat(resolve(occasion, choices).prefix()).isEmpty();
            assertThat(resolve(occasion, choices).command()).containsExactly("ls", "-l");

            choices.command = List.of();
            choices.entrypoint = Optional.of(List.of("/other", "-x"));
            assertThat(resolve(occasion, choices).prefix()).containsExactly("/other", "-x");
            assertThat(resolve(occasion, choices).command()).isEmpty();
        }

        @Test
        void an_image_that_is_for_nothing_starts_a_shell() {
            image = new ImageConfig(Platform.parse("linux/amd64"), List.of(), List.of(), List.of(), "", "", List.of());

            ContainerSpec spec = resolve(occasion, choices);

            assertThat(spec.command()).containsExactly("/bin/sh");
            assertThat(spec.workingDirectory()).isEqualTo("/root");
            assertThat(spec.environment().settings().get("PATH")).startsWith("/usr/local/sbin:");
        }

        @Test
        void the_images_user_holds_until_another_is_asked_for() {
            image = image("app", List.of(), List.of(), "");
            ContainerSpec spec = resolve(occasion, choices);
            assertThat(spec.uid()).isEqualTo(101);
            assertThat(spec.gid()).isEqualTo(102);
            assertThat(spec.workingDirectory()).isEqualTo("/srv");
            assertThat(spec.environment().settings()).containsEntry("PS1", "0a1b2c3d\\$ ");

            choices.user = Optional.of("0");
            assertThat(resolve(occasion, choices).uid()).isZero();
        }

        @Test
        void a_user_that_the_image_lacks_gets_a_passwd_of_his_own() throws IOException {
            choices.user = Optional.of("ada");

            ContainerSpec spec = resolve(occasion, choices);

            Path passwd = sourceAt(spec, "/etc/passwd");
            assertThat(passwd).hasParent(folder.resolve("scratch"));
            assertThat(mountAt(spec, "/etc/passwd")).isEqualTo(new Mount.Bind(passwd, "/etc/passwd", false, false));
            assertThat(mountAt(spec, "/etc/group").target()).isEqualTo("/etc/group");
            assertThat(Files.readString(passwd)).contains("ada:x:1234:200::/:/bin/sh");
            assertThat(spec.environment().settings()).containsEntry("HOME", "/");
        }

        @Test
        void a_home_that_is_mounted_is_the_home() throws IOException {
            choices.user = Optional.of("ada");
            choices.volumes = List.of(new Volume(folder, "/home", false));

            ContainerSpec spec = resolve(occasion, choices);

            assertThat(spec.environment().settings()).containsEntry("HOME", "/home/ada");
            assertThat(Files.readString(sourceAt(spec, "/etc/passwd"))).contains(":/home/ada:");
        }

        @Test
        void a_volume_replaces_a_mount_of_ours_at_the_same_place() {
            choices.volumes =
                    List.of(new Volume(folder, "/etc/resolv.conf", true), new Volume(root, "/etc/resolv.conf", false));

            ContainerSpec spec = resolve(occasion, choices);

            assertThat(spec.mounts().stream().filter(mount -> mount.target().equals("/etc/resolv.conf")))
                    .containsExactly(new Mount.Bind(root, "/etc/resolv.conf", false, false));
            assertThat(spec.mounts().getLast().target()).isEqualTo("/etc/resolv.conf");
        }

        private ContainerSpec inject(SequencedMap<String, String> variables, Mount.Bind... binds) {
            return SpecResolution.resolve(
                    choices.done(),
                    image,
                    new Tree(root, true),
                    around,
                    occasion,
                    folder.resolve("scratch"),
                    new Injection(List.of(binds), variables, List.of("/nv/lib"), List.of("/nv/bin")));
        }

        @Test
        void what_hardware_needs_comes_before_the_users_volumes_and_a_device_only_where_dev_is_not() {
            choices.volumes = List.of(new Volume(folder, "/nv/lib/b", false));
            Mount.Bind library = Mount.Bind.traceless(root, "/nv/lib/a");
            Mount.Bind other = Mount.Bind.traceless(root, "/nv/lib/b");
            Mount.Bind device = Mount.Bind.traceless(Path.of("/dev/null"), "/dev/null");

            List<Mount> mounts =
                    inject(new LinkedHashMap<>(), library, other, device).mounts();
            assertThat(mounts).contains(library).doesNotContain(other, device);
            assertThat(mounts.getLast().target()).isEqualTo("/nv/lib/b");

            choices.system = false;
            assertThat(inject(new LinkedHashMap<>(), library, device).mounts()).contains(device);
        }

        @Test
        void its_folders_stand_behind_those_of_the_image_and_the_user() {
            SequencedMap<String, String> variables = new LinkedHashMap<>();
            variables.put("CUDA_VISIBLE_DEVICES", "1");
            variables.put("A", "ours");
            choices.env = List.of("LD_LIBRARY_PATH=/mine:/nv/lib");

            EnvironmentPolicy environment = inject(variables).environment();
            assertThat(environment.settings())
                    .containsEntry("PATH", "/opt/bin:/bin:/nv/bin")
                    .containsEntry("LD_LIBRARY_PATH", "/mine:/nv/lib")
                    .containsEntry("A", "ours")
                    .doesNotContainKey("CUDA_VISIBLE_DEVICES");
            assertThat(environment.defaults()).containsEntry("CUDA_VISIBLE_DEVICES", "1");

            choices.env = List.of("LD_LIBRARY_PATH", "A=mine");
            environment = inject(variables).environment();
            assertThat(environment.settings()).containsEntry("A", "mine").doesNotContainKey("LD_LIBRARY_PATH");
            assertThat(environment.defaults()).containsEntry("LD_LIBRARY_PATH", "/nv/lib");
        }

        @Test
        void a_working_directory_that_is_not_there_is_refused_before_the_start() {
            choices.workingDirectory = Optional.of("/no/such");
            assertThat(Faults.expect(Fault.NOT_FOUND, () -> resolve(occasion, choices)))
                    .hasMessageContaining("/no/such");

            choices.volumes = List.of(new Volume(folder, "/no/such/place", false));
            assertThat(resolve(occasion, choices).workingDirectory()).isEqualTo("/no/such");

            choices.workingDirectory = Optional.of("relative");
            Faults.expect(Fault.BAD_INPUT, () -> resolve(occasion, choices));
        }

        @Test
        void a_working_directory_is_looked_for_behind_links_inside_the_tree_only() throws IOException {
            Files.createSymbolicLink(root.resolve("link"), Path.of("/work"));
            Files.createSymbolicLink(root.resolve("up"), Path.of("../../.." + folder));
            choices.workingDirectory = Optional.of("/link");
            assertThat(resolve(occasion, choices).workingDirectory()).isEqualTo("/link");

            choices.workingDirectory = Optional.of("/up");
            Faults.expect(Fault.NOT_FOUND, () -> resolve(occasion, choices));
        }

        @Test
        void a_home_that_the_image_lacks_is_no_obstacle() throws IOException {
            Files.delete(root.resolve("root"));
            image = image("", List.of(), List.of(), "");

            assertThat(resolve(occasion, choices).workingDirectory()).isEqualTo("/");
        }

        @Test
        void with_nometa_the_image_is_silent() {
            image = image("app", List.of("A=1"), List.of("/entry"), "/work");
            choices.asImageSays = false;

            ContainerSpec spec = resolve(occasion, choices);

            assertThat(spec.uid()).isZero();
            assertThat(spec.environment().settings()).doesNotContainKey("A");
            assertThat(spec.prefix()).isEmpty();
            assertThat(spec.command()).containsExactly("/bin/sh");
            assertThat(spec.workingDirectory()).isEqualTo("/root");
        }

        @Test
        void bash_is_the_last_resort_where_there_is_one_and_the_user_is_told() throws IOException {
            image = image.silent();
            assertThat(resolve(occasion, choices).command()).containsExactly("/bin/sh");

            Files.createDirectories(root.resolve("usr/bin"));
            Path bash = Files.writeString(root.resolve("usr/bin/bash"), "");
            Files.setPosixFilePermissions(bash, PosixFilePermissions.fromString("rwxr-xr-x"));
            ContainerSpec spec = resolve(occasion, choices);

            assertThat(spec.command()).containsExactly("bash", "-i");
            assertThat(spec.notices()).singleElement().asString().contains("bash -i");
        }

        @Test
        void nothing_of_the_host_is_shown_with_nosysdirs_and_a_part_less_with_novol() {
            choices.system = false;
            assertThat(resolve(occasion, choices).mounts()).isEmpty();

            choices.system = true;
            choices.without = List.of("/sys/", "/no/such");
            ContainerSpec spec = resolve(occasion, choices);

            assertThat(spec.mounts())
                    .extracting(Mount::target)
                    .contains("/dev", "/proc")
                    .doesNotContain("/sys");
            assertThat(spec.notices()).singleElement().asString().contains("--novol=/no/such");
        }

        @Test
        void a_device_is_shown_only_where_dev_is_not() {
            choices.devices = List.of(Volume.parseDevice("/dev/null"));
            assertThat(resolve(occasion, choices).mounts())
                    .extracting(Mount::target)
                    .doesNotContain("/dev/null");

            choices.system = false;
            assertThat(resolve(occasion, choices).mounts())
                    .containsExactly(new Mount.Bind(Path.of("/dev/null"), "/dev/null", false, false));

            choices.devices = List.of(Volume.parseDevice("/dev/no-such"));
            Faults.expect(Fault.NOT_FOUND, () -> resolve(occasion, choices));
            choices.devices = List.of(new Volume(root.resolve("etc/passwd"), "/x", false));
            Faults.expect(Fault.BAD_INPUT, () -> resolve(occasion, choices));
        }

        @Test
        void the_callers_home_is_shown_and_is_the_home_with_bindhome() throws IOException {
            Path home = Files.createDirectory(folder.resolve("ada"));
            around = new Surroundings(
                    new HostUser(1234, 200, List.of(), "ada", home.toString()),
                    HostAccounts.none(),
                    RunDefaults.usual());
            choices.home = true;

            ContainerSpec spec = resolve(occasion, choices);

            assertThat(mountAt(spec, home.toString())).isEqualTo(new Mount.Bind(home, home.toString(), false, false));
            assertThat(spec.environment().settings()).containsEntry("HOME", home.toString());
        }

        @Test
        void the_hosts_accounts_are_copied_and_completed_with_hostauth() throws IOException {
            choices.files = RunChoices.AccountFiles.HOST;
            choices.user = Optional.of("ada");

            ContainerSpec spec = resolve(occasion, choices);

            assertThat(Files.readString(sourceAt(spec, "/etc/passwd")))
                    .startsWith(Files.readAllLines(Path.of("/etc/passwd")).getFirst())
                    .contains("ada:x:1234:200:");
        }

        @Test
        void the_containers_accounts_stay_as_they_are_with_containerauth_or_under_a_volume() throws IOException {
            choices.files = RunChoices.AccountFiles.CONTAINER;
            choices.user = Optional.of("ada");
            assertThat(resolve(occasion, choices).mounts())
                    .extracting(Mount::target)
                    .doesNotContain("/etc/passwd");

            choices.files = RunChoices.AccountFiles.COMPLETED;
            Path own = Files.writeString(folder.resolve("own"), "lin:x:77:78::/work:/bin/sh\n");
            choices.volumes = List.of(new Volume(own, "/etc/passwd", true));
            choices.user = Optional.of("lin");
            ContainerSpec spec = resolve(occasion, choices);

            assertThat(spec.uid()).isEqualTo(77);
            assertThat(mountAt(spec, "/etc/passwd")).isEqualTo(new Mount.Bind(own, "/etc/passwd", true, false));
        }

        @Test
        void a_file_of_variables_counts_less_than_the_image_and_that_less_than_the_user() {
            image = image("", List.of("BOTH=image", "USER=built", "OMP_NUM_THREADS=2"), List.of(), "");
            choices.envFile = List.of("BOTH=file", "FILE=file", "OMP_NUM_THREADS=4", "MINE=file");
            choices.env = List.of("MINE=own", "ASKED", "TERM");

            EnvironmentPolicy variables = resolve(occasion, choices).environment();

            assertThat(variables.settings())
                    .containsEntry("BOTH", "image")
                    .containsEntry("FILE", "file")
                    .containsEntry("MINE", "own")
                    .containsEntry("OMP_NUM_THREADS", "4")
                    .as("who one is, is not the image's to say")
                    .containsEntry("USER", "root");
            assertThat(variables.defaults()).containsEntry("ASKED", "").doesNotContainKey("OMP_NUM_THREADS");
            assertThat(variables.keep()).contains("ASKED").doesNotHaveDuplicates();
        }

        @Test
        void the_working_directory_that_is_asked_for_wins() {
            choices.workingDirectory = Optional.of("/else");

            assertThat(resolve(occasion, choices).workingDirectory()).isEqualTo("/else");
        }
    }

    @Nested
    class Step {
        private final Choices choices = new Choices();
        private String submitted = "/scratch/ada/run";

        private Occasion step() {
            SequencedMap<String, String> variables = new LinkedHashMap<>();
            variables.put("PMIX_MCA_gds", "hash");
            return new Occasion.Step(
                    submitted, List.of(Mount.Bind.inPlace("/tmp")), List.of("PMI_FD"), variables, Optional.of(SHARE));
        }

        @Test
        void the_callers_id_the_launchers_descriptors_and_the_meeting_place_are_kept() {
            image = image("app", List.of(), List.of(), "/work");

            ContainerSpec spec = resolve(step(), choices);

            assertThat(spec.uid()).isEqualTo(1234);
            assertThat(spec.gid()).isEqualTo(200);
            assertThat(spec.descriptors()).isEqualTo(new DescriptorPolicy.NamedBy(List.of("PMI_FD")));
            assertThat(spec.share()).contains(SHARE);
            assertThat(spec.environment().settings()).doesNotContainKeys("container_uuid", "PS1", "SHLVL");
            assertThat(spec.environment().defaults()).containsEntry("PMIX_MCA_gds", "hash");
        }

        @Test
        void it_starts_where_the_job_was_submitted_and_sees_that_folder() {
            ContainerSpec spec = resolve(step(), choices);

            assertThat(spec.workingDirectory()).isEqualTo(submitted);
            assertThat(mountAt(spec, submitted)).isEqualTo(new Mount.Bind(Path.of(submitted), submitted, false, false));
            assertThat(mountAt(spec, "/tmp")).isEqualTo(Mount.Bind.inPlace("/tmp"));
        }

        @Test
        void a_job_submitted_from_the_root_does_not_show_the_host() {
            submitted = "/";

            ContainerSpec spec = resolve(step(), choices);

            assertThat(spec.mounts()).extracting(Mount::target).doesNotContain("/");
            assertThat(spec.workingDirectory()).isEqualTo("/");
        }

        @Test
        void a_home_that_holds_the_job_is_not_hidden_by_the_folder_of_the_job() {
            submitted = "/home/ada";

            assertThat(resolve(step(), choices).environment().settings()).containsEntry("HOME", "/home/ada");
        }

        @Test
        void its_command_is_run_alone_and_only_without_one_the_image_decides() {
            ContainerSpec silent = resolve(step(), choices);
            assertThat(silent.prefix()).containsExactly("/entry");
            assertThat(silent.command()).containsExactly("serve");

            choices.command = List.of("solver");
            ContainerSpec spec = resolve(step(), choices);
            assertThat(spec.prefix()).isEmpty();
            assertThat(spec.command()).containsExactly("solver");
        }

        @Test
        void a_variable_of_ours_gives_way_to_the_users() {
            choices.env = List.of("PMIX_MCA_gds=ds21");

            ContainerSpec spec = resolve(step(), choices);

            assertThat(spec.environment().defaults()).doesNotContainKey("PMIX_MCA_gds");
            assertThat(spec.environment().settings()).containsEntry("PMIX_MCA_gds", "ds21");
        }
    }

    @Test
    void job_variables_are_known_by_name_or_beginning() {
        assertThat(List.of("SLURM_PROCID", "PMI_FD", "PMIX_RANK", "CUDA_VISIBLE_DEVICES", "LC_ALL", "JOB_ID"))
                .allMatch(JobVariables::covers);
        assertThat(List.of("PATH", "SLURM", "LD_PRELOAD", "CUDA_VISIBLE_DEVICES_X", "XSLURM_A", "JOB_IDS"))
                .noneMatch(JobVariables::covers);
    }
}
