package io.berth.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.berth.container.DeviceWish;
import io.berth.container.Tree;
import io.berth.fake.Golden;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.process.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What generated hosts show of their hardware.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class HostDevicesTest {
    private static final String NEW = "550.54.15";
    private static final String OLD = "535.161.08";
    private static final String LIBS = Placement.LIBRARIES + "/";

    @TempDir
    Path folder;

    private Path host;
    private Path image;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private List<String> asked = List.of();
    private List<String> imageEnv = List.of();
    private List<String> classes = List.of();
    private DeviceWish wish = new DeviceWish(DeviceWish.Nvidia.REQUIRED, List.of(), List.of());
    private boolean fixed;
    private List<String> named = List.of();

    @BeforeEach
    void make() throws IOException {
        host = Files.createDirectory(folder.resolve("host"));
        image = Files.createDirectory(folder.resolve("image"));
        for (String name : List.of("usr/lib", "etc/OpenCL/vendors", "usr/share/vulkan/icd.d", "run")) {
            Files.createDirectories(image.resolve(name));
        }
    }

    private HostDevices.Found find() {
        return HardwareWish.find(
                new HostDevices.Places(host, named, List.of("/etc/cdi", "/var/run/cdi"), classes, environment),
                asked,
                imageEnv,
                wish,
                new Tree(image, fixed));
    }

    private String explained() {
        return String.join("\n", find().lines()).replace(host.toString(), "HOST") + "\n";
    }

    private List<String> targets() {
        return find().injection().mounts().stream().map(Mount::target).toList();
    }

    private Path sourceAt(String target) {
        return find().injection().mounts().stream()
                .filter(mount -> mount.target().equals(target))
                .findFirst()
                .orElseThrow(() -> new AssertionError("nothing at " + target + " but " + targets()))
                .source();
    }

    private FaultException fault() {
        return catchThrowableOfType(FaultException.class, this::find);
    }

    @Nested
    class Driver {
        @Test
        void a_usual_node_shows_what_compute_and_utility_need() {
            DriverTree.complete(host, NEW, 2).file("/etc/OpenCL/vendors/nvidia.icd", "libnvidia-opencl.so.1\n");

            Golden.check("nvidia-usual.txt", explained());
            assertThat(find().injection().mounts()).allSatisfy(mount -> {
                assertThat(mount.flags()).contains("cover");
                assertThat(mount.readOnly()).as("PRoot cannot").isFalse();
            });
            assertThat(find().injection().libraryFolders()).containsExactly(Placement.LIBRARIES);
            assertThat(find().injection().programFolders()).containsExactly(Placement.PROGRAMS);
            assertThat(find().files()).contains(host.resolve("usr/lib/x86_64-linux-gnu/libcuda.so." + NEW));
        }

        @Test
        void all_capabilities_show_graphics_and_32_bit_libraries_too() {
            DriverTree.complete(host, NEW, 1)
                    .release(DriverTree.LIB32, NEW, 32)
                    .file("/usr/share/vulkan/icd.d/nvidia_icd.json", "{}")
                    .file("/usr/share/glvnd/egl_vendor.d/10_nvidia.json", "{}")
                    .file("/run/nvidia-persistenced/socket", "")
                    .file("/lib/firmware/nvidia/" + NEW + "/gsp_tu10x.bin", "")
                    .file("/tmp/nvidia-mps/control", "")
                    .cache();
            asked = List.of("NVIDIA_DRIVER_CAPABILITIES=all");

            Golden.check("nvidia-all.txt", explained());
            assertThat(find().injection().libraryFolders())
                    .containsExactly(Placement.LIBRARIES, Placement.LIBRARIES_32);
        }

        @Test
        void of_two_releases_the_running_modules_counts_wherever_it_lies() {
            new DriverTree(host)
                    .module(OLD)
                    .gpus(1, "Tesla V100")
                    .release(DriverTree.LIB64, NEW, 64)
                    .release("/usr/lib64/nvidia", OLD, 64)
                    .cache();

            assertThat(sourceAt(LIBS + "libcuda.so.1")).isEqualTo(host.resolve("usr/lib64/nvidia/libcuda.so." + OLD));
            assertThat(targets()).noneMatch(target -> target.contains(NEW));
        }

        @Test
        void in_one_folder_the_links_do_not_mislead() {
            new DriverTree(host)
                    .module(OLD)
                    .gpus(1, "Tesla V100")
                    .release(DriverTree.LIB64, OLD, 64)
                    .release(DriverTree.LIB64, NEW, 64)
                    .cache();

            assertThat(host.resolve("usr/lib/x86_64-linux-gnu/libcuda.so.1")).isSymbolicLink();
            assertThat(sourceAt(LIBS + "libcuda.so.1").toString()).endsWith(OLD);
            assertThat(sourceAt(LIBS + "libnvidia-ml.so.1").toString()).endsWith(OLD);
        }

        @Test
        void without_a_module_the_highest_complete_release_counts() {
            new DriverTree(host)
                    .release(DriverTree.LIB64, OLD, 64)
                    .library(DriverTree.LIB64, "libcuda", "560.1.2", 64)
                    .library(DriverTree.LIB64, "libcuda", "9999.1", 32)
                    .cache();

            assertThat(explained()).contains("NVIDIA driver " + OLD + ": the highest that is complete");
            assertThat(sourceAt(LIBS + "libcuda.so").toString()).endsWith(OLD);
        }

        @Test
        void links_of_the_host_are_followed_under_its_own_root() {
            new DriverTree(host)
                    .module(NEW)
                    .gpus(1, "Tesla V100")
                    .release("/usr/lib/x86_64-linux-gnu/nvidia/current", NEW, 64)
                    .link("/etc/alternatives/cuda", "/usr/lib/x86_64-linux-gnu/nvidia/current/libcuda.so.1")
                    .link(DriverTree.LIB64 + "/libcuda.so.1", "/etc/alternatives/cuda");

            assertThat(sourceAt(LIBS + "libcuda.so.1"))
                    .isEqualTo(host.resolve("usr/lib/x86_64-linux-gnu/nvidia/current/libcuda.so." + NEW));
        }

        @Test
        void libraries_of_another_release_than_the_module_are_refused_with_both_names() {
            new DriverTree(host).module(NEW).gpus(1, "Tesla V100").release(DriverTree.LIB64, OLD, 64);

            assertThat(fault().fault()).isEqualTo(Fault.HOST_UNFIT);
            assertThat(fault()).hasMessageContaining(NEW).hasMessageContaining(OLD);
        }

        @Test
        void a_missing_libcuda_is_refused_and_a_link_to_it_that_leads_nowhere_is_named() {
            DriverTree tree = DriverTree.complete(host, NEW, 1);
            tree.remove(DriverTree.LIB64 + "/libcuda.so." + NEW);

            assertThat(fault().fault()).isEqualTo(Fault.HOST_UNFIT);
            assertThat(fault()).hasMessageContaining("libcuda.so." + NEW);
            assertThat(fault().hint().orElseThrow()).contains("libcuda.so.1 leads nowhere");
        }

        @Test
        void a_missing_libcuda_does_not_matter_to_whom_wants_utility_only() {
            DriverTree tree = DriverTree.complete(host, NEW, 1);
            tree.remove(DriverTree.LIB64 + "/libcuda.so." + NEW);
            asked = List.of("NVIDIA_DRIVER_CAPABILITIES=utility");

            assertThat(targets()).contains(LIBS + "libnvidia-ml.so.1").doesNotContain(LIBS + "libcuda.so.1");
            assertThat(explained()).contains("libcuda.so.1: the link leads nowhere");
        }

        @Test
        void folders_that_are_named_are_looked_in_first_but_not_those_for_linking() throws IOException {
            DriverTree.complete(host, NEW, 1)
                    .library("/opt/driver/lib", "libcuda", NEW, 64)
                    .file("/usr/local/cuda/lib64/stubs/libcuda.so", DriverTree.elf(64, "libcuda.so.1"));
            named = List.of("", "relative", "/no/such", "/usr/local/cuda/lib64/stubs", "/opt/driver/lib");

            assertThat(sourceAt(LIBS + "libcuda.so.1")).isEqualTo(host.resolve("opt/driver/lib/libcuda.so." + NEW));
        }

        @Test
        void a_file_that_is_no_library_is_passed_over() {
            DriverTree.complete(host, NEW, 1)
                    .file(DriverTree.LIB64 + "/libnvidia-nvvm.so." + NEW, "/* GNU ld script */");

            assertThat(explained()).contains("not found libnvidia-nvvm.so." + NEW);
        }

        @Test
        void a_node_without_a_driver_fails_whoever_requires_it_and_tells_others() {
            assertThat(fault().fault()).isEqualTo(Fault.HOST_UNFIT);

            wish = DeviceWish.none().withDriverIfPresent();
            assertThat(targets()).isEmpty();
            assertThat(find().lines()).singleElement().asString().startsWith("not found NVIDIA driver");
            assertThat(find().notices())
                    .as("a container with copies needs none")
                    .isEmpty();
        }

        @Test
        void a_broken_driver_fails_even_whoever_wants_it_only_where_it_is() {
            new DriverTree(host).module(NEW).gpus(1, "Tesla V100");
            wish = DeviceWish.none().withDriverIfPresent();

            assertThat(fault().fault()).isEqualTo(Fault.HOST_UNFIT);
        }

        @Test
        void nothing_is_looked_for_when_nothing_is_wished() {
            DriverTree.complete(host, NEW, 1);
            wish = DeviceWish.none();

            assertThat(find().lines()).isEmpty();
            assertThat(targets()).isEmpty();
        }
    }

    @Nested
    class Words {
        @BeforeEach
        void make() {
            DriverTree.complete(host, NEW, 4);
        }

        @Test
        void capabilities_of_the_request_win_over_the_images_and_mistyped_ones_are_refused() {
            imageEnv = List.of("NVIDIA_DRIVER_CAPABILITIES=video,no-such-thing");
            assertThat(targets()).contains(LIBS + "libnvidia-encode.so.1").doesNotContain(LIBS + "libcuda.so.1");

            asked = List.of("NVIDIA_DRIVER_CAPABILITIES=compute");
            assertThat(targets()).contains(LIBS + "libcuda.so.1").doesNotContain(LIBS + "libnvidia-encode.so.1");

            asked = List.of("NVIDIA_DRIVER_CAPABILITIES=computer");
            assertThat(fault().fault()).isEqualTo(Fault.BAD_INPUT);
            assertThat(fault().hint().orElseThrow()).contains("did you mean 'compute'?");
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "all||0 1 2 3",
                    "0||0",
                    "'2,3'||2 3",
                    "none||",
                    "GPU-1234abcd||0 1 2 3",
                    "MIG-1234abcd-00||0 1 2 3"
                })
        void the_gpus_named_are_shown(String named, String ignored, String shown) {
            asked = List.of("NVIDIA_VISIBLE_DEVICES=" + named);
            List<String> gpus = shown == null
                    ? List.of()
                    : List.of(shown.split(" ")).stream()
                            .map(i -> "/dev/nvidia" + i)
                            .toList();

            assertThat(targets().stream()
                            .filter(target -> target.matches("/dev/nvidia[0-9]"))
                            .toList())
                    .isEqualTo(gpus);
            assertThat(find().injection().variables().getOrDefault("CUDA_VISIBLE_DEVICES", "unset"))
                    .isEqualTo(named.equals("all") ? "unset" : named.equals("none") ? "" : named);
        }

        @ParameterizedTest
        @ValueSource(strings = {"gpu0", "0,x", "GPU", "0;1", "MIG-x"})
        void a_word_that_names_no_gpu_is_refused(String named) {
            asked = List.of("NVIDIA_VISIBLE_DEVICES=" + named);

            assertThat(fault().fault()).isEqualTo(Fault.BAD_INPUT);
        }

        @Test
        void a_gpu_that_the_node_does_not_have_is_refused() {
            asked = List.of("NVIDIA_VISIBLE_DEVICES=4");
            assertThat(fault()).hasMessageContaining("this node has 4");

            asked = List.of("NVIDIA_VISIBLE_DEVICES=0:1");
            assertThat(fault()).hasMessageContaining("MIG device 0:1");
        }

        @Test
        void void_shows_nothing_when_it_is_asked_for_and_not_when_the_image_says_it() {
            asked = List.of("NVIDIA_VISIBLE_DEVICES=void");
            assertThat(targets()).isEmpty();

            asked = List.of();
            imageEnv = List.of("NVIDIA_VISIBLE_DEVICES=void");
            assertThat(targets()).contains(LIBS + "libcuda.so.1", "/dev/nvidia3");
        }

        @Test
        void the_jobs_own_allocation_wins_and_its_variable_is_left_to_the_launcher() {
            environment.put("SLURM_JOB_ID", "7");
            environment.put("SLURM_JOB_GPUS", "1,2");
            asked = List.of("NVIDIA_VISIBLE_DEVICES=0");

            assertThat(find().injection().variables()).doesNotContainKey("CUDA_VISIBLE_DEVICES");
            assertThat(find().notices())
                    .singleElement()
                    .asString()
                    .contains("NVIDIA_VISIBLE_DEVICES=0", "SLURM_JOB_GPUS=1,2");
            assertThat(targets()).contains("/dev/nvidia0");
        }

        @Test
        void what_the_caller_set_for_cuda_stays() {
            environment.put("CUDA_VISIBLE_DEVICES", "3");
            asked = List.of("NVIDIA_VISIBLE_DEVICES=0,3");

            assertThat(find().injection().variables()).doesNotContainKey("CUDA_VISIBLE_DEVICES");
        }
    }

    @Nested
    class Requirement {
        private static final String REAL =
                "cuda>=12.6 brand=tesla,driver>=470,driver<471 brand=tesla,driver>=550,driver<551"
                        + " brand=geforce,driver>=535,driver<536";

        private void node(String version, String model) {
            new DriverTree(host).module(version).gpus(1, model).release(DriverTree.LIB64, version, 64);
        }

        @ParameterizedTest
        @CsvSource({
            "cuda>=12.0, 550.54.15, true",
            "cuda>=12.4, 550.54.15, true",
            "cuda>=12.5, 550.54.15, false",
            "cuda>=13.0, 580.65.06, true",
            "cuda>=11.0, 470.57.02, true",
            "cuda>=11.5, 470.57.02, false",
            "cuda>=9.9, 470.57.02, true",
            "cuda<12, 470.57.02, true",
            "driver>=550.54, 550.54.15, true",
            "driver>=550.90, 550.54.15, false",
            "arch>=9.0, 550.54.15, true",
        })
        void is_compared_with_the_driver_by_numbers(String wanted, String driver, boolean met) {
            node(driver, "NVIDIA A100");
            imageEnv = List.of("NVIDIA_REQUIRE_CUDA=" + wanted);

            if (met) {
                assertThat(targets()).isNotEmpty();
            } else {
                assertThat(fault().fault()).isEqualTo(Fault.HOST_UNFIT);
                assertThat(fault()).hasMessageContaining(wanted).hasMessageContaining(driver);
            }
        }

        @ParameterizedTest
        @CsvSource({
            "550.54.15, Tesla V100-SXM2, true",
            "550.54.15, NVIDIA A100-SXM4, true",
            "550.54.15, NVIDIA GeForce RTX 3090, false",
            "535.161.08, NVIDIA GeForce RTX 3090, true",
            "535.161.08, Tesla V100-SXM2, false",
            "560.35.03, NVIDIA GeForce RTX 3090, true",
        })
        void alternatives_for_brands_hold_for_those_brands(String driver, String model, boolean met) {
            node(driver, model);
            imageEnv = List.of("NVIDIA_REQUIRE_CUDA=" + REAL);

            if (met) {
                assertThat(targets()).isNotEmpty();
            } else {
                assertThat(fault()).hasMessageContaining("cuda>=12.6").hasMessageContaining(driver);
            }
        }

        @Test
        void can_be_passed_over() {
            node(OLD, "NVIDIA A100");
            imageEnv = List.of("NVIDIA_REQUIRE_CUDA=cuda>=13.0");
            asked = List.of("NVIDIA_DISABLE_REQUIRE=1");

            assertThat(targets()).contains(LIBS + "libcuda.so.1");
        }

        @Test
        void that_makes_no_sense_is_told() {
            node(OLD, "NVIDIA A100");
            imageEnv = List.of("NVIDIA_REQUIRE_CUDA=cuda~12");

            assertThat(fault().fault()).isEqualTo(Fault.BAD_INPUT);
        }
    }

    @Nested
    class Places {
        /// The user can make files beside those of the driver as before.
        @Test
        void in_a_tree_that_can_be_written_no_folder_of_the_system_is_covered() throws IOException {
            DriverTree.complete(host, NEW, 1)
                    .file("/etc/OpenCL/vendors/nvidia.icd", "x")
                    .file("/run/nvidia-persistenced/socket", "");
            Files.delete(image.resolve("etc/OpenCL/vendors"));
            Files.delete(image.resolve("etc/OpenCL"));

            assertThat(targets()).allMatch(target -> target.startsWith(Placement.OWN) || target.startsWith("/dev/"));
            assertThat(find().injection().variables())
                    .containsEntry("OCL_ICD_VENDORS", Placement.OWN + "/share/nvidia.icd");
            assertThat(explained()).contains("left out HOST/run/nvidia-persistenced/socket");

            fixed = true;
            assertThat(targets()).contains("/etc/OpenCL/vendors/nvidia.icd", "/run/nvidia-persistenced/socket");
        }

        @Test
        void files_of_the_driver_that_the_image_has_are_covered_by_the_nodes() throws IOException {
            DriverTree.complete(host, NEW, 1);
            Path old = Files.createDirectories(image.resolve("usr/lib64"));
            Files.writeString(old.resolve("libcuda.so." + OLD), "");
            Files.createSymbolicLink(old.resolve("libcuda.so.1"), Path.of("libcuda.so." + OLD));
            Files.createSymbolicLink(old.resolve("libnvidia-ml.so.1"), Path.of("libnvidia-ml.so." + OLD));

            assertThat(sourceAt("/usr/lib64/libcuda.so.1").toString()).endsWith("libcuda.so." + NEW);
            assertThat(targets()).doesNotContain("/usr/lib64/libnvidia-ml.so.1", "/usr/lib64/libcuda.so." + NEW);
        }

        @Test
        void classes_of_fabric_devices_are_shown_where_they_are() {
            new DriverTree(host)
                    .file("/dev/infiniband/uverbs0", "")
                    .file("/dev/infiniband/rdma_cm", "")
                    .file("/dev/cxi0", "")
                    .file("/dev/xpmem", "");
            classes = List.of("verbs");
            wish = new DeviceWish(DeviceWish.Nvidia.NO, List.of(), List.of("cxi", "knem", "xpmem", "hfi"));

            assertThat(targets())
                    .containsExactly("/dev/infiniband/rdma_cm", "/dev/infiniband/uverbs0", "/dev/cxi0", "/dev/xpmem");
            assertThat(explained()).contains("not found devices of class knem");

            wish = new DeviceWish(DeviceWish.Nvidia.NO, List.of(), List.of("verb"));
            assertThat(fault().hint().orElseThrow()).contains("did you mean 'verbs'?");
        }
    }
}
