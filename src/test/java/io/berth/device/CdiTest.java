package io.berth.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.berth.container.DeviceWish;
import io.berth.container.Tree;
import io.berth.fake.Faults;
import io.berth.fake.Golden;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.process.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// CDI specifications of generated hosts: what they show, and what they cannot do to us.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CdiTest {
    private static final String VERSION = "550.54.15";
    private static final String LIB = DriverTree.LIB64;
    private static final String YAML = """
            ---
            cdiVersion: 0.5.0
            kind: nvidia.com/gpu
            devices:
            - name: "0"
              containerEdits:
                deviceNodes:
                - path: /dev/nvidia0
            - name: GPU-1234abcd
              containerEdits: &first
                deviceNodes:
                - path: /dev/nvidia0
                  hostPath: /dev/nvidia0
            - name: all
              containerEdits: *first
            containerEdits:
              env:
              - NVIDIA_VISIBLE_DEVICES=void
              deviceNodes:
              - path: /dev/nvidiactl
              mounts:
              - hostPath: LIB/libcuda.so.550.54.15
                containerPath: LIB/libcuda.so.550.54.15
                options: [ro, nosuid, nodev, bind]
              - hostPath: LIB/libnvidia-ml.so.550.54.15
                containerPath: LIB/libnvidia-ml.so.550.54.15
              - hostPath: /usr/bin/nvidia-smi
                containerPath: /usr/bin/nvidia-smi
              - hostPath: /run/nvidia-persistenced/socket
                containerPath: /run/nvidia-persistenced/socket
                options: [ro, noexec]
              hooks:
              - hookName: createContainer
                path: /usr/bin/nvidia-cdi-hook
                args: [nvidia-cdi-hook, create-symlinks, --link, "libcuda.so.1::LIB/libcuda.so"]
              - hookName: createContainer
                path: /usr/bin/nvidia-ctk
                args: [nvidia-ctk, hook, update-ldcache, --folder, LIB]
              - hookName: createContainer
                path: /usr/bin/nvidia-cdi-hook
                args: [nvidia-cdi-hook, enable-cuda-compat, --host-driver-version=550.54.15]
            """.replace("LIB/", LIB + "/").replace("LIB]", LIB + "]");

    @TempDir
    Path folder;

    private DriverTree host;
    private Path image;
    private DeviceWish wish = new DeviceWish(DeviceWish.Nvidia.REQUIRED, List.of(), List.of());
    private List<String> asked = List.of();

    @BeforeEach
    void make() throws IOException {
        host = DriverTree.complete(Files.createDirectory(folder.resolve("host")), VERSION, 1)
                .file("/run/nvidia-persistenced/socket", "");
        image = Files.createDirectories(folder.resolve("image"));
        Files.createDirectories(image.resolve("usr/bin"));
        Files.createDirectories(image.resolve("run/nvidia-persistenced"));
    }

    private HostDevices.Found find() {
        return HardwareWish.find(
                new HostDevices.Places(
                        host.root(), List.of(), List.of("/etc/cdi", "/var/run/cdi"), List.of(), Map.of()),
                asked,
                List.of(),
                wish,
                new Tree(image, false));
    }

    private void named(String... names) {
        wish = new DeviceWish(DeviceWish.Nvidia.NO, List.of(names), List.of());
    }

    private List<String> targets() {
        return find().injection().mounts().stream().map(Mount::target).toList();
    }

    private FaultException fault(Fault fault) {
        return Faults.expect(fault, this::find);
    }

    @Test
    void what_nvidia_ctk_writes_is_honoured_before_a_search() {
        host.file("/etc/cdi/nvidia.yaml", YAML);

        Golden.check(
                "cdi-nvidia.txt",
                String.join("\n", find().lines()).replace(host.root().toString(), "HOST") + "\n");
        assertThat(find().notices()).singleElement().asString().contains("enable-cuda-compat");
        assertThat(find().injection().variables()).containsEntry("NVIDIA_VISIBLE_DEVICES", "void");
        assertThat(find().files()).contains(host.at("/etc/cdi/nvidia.yaml"));
    }

    @Test
    void json_says_the_same_and_the_later_folder_counts_more() {
        host.file("/etc/cdi/nvidia.yaml", YAML).file("/var/run/cdi/v.json", """
                {"cdiVersion": "1.0.0", "kind": "nvidia.com/gpu", "annotations": {"a": "b"},
                 "devices": [{"name": "0", "containerEdits": {"env": ["FROM=json"], "additionalGids": [44]}}]}""");
        named("nvidia.com/gpu=0");

        assertThat(find().injection().variables()).isEqualTo(Map.of("FROM", "json"));
        assertThat(find().lines()).contains("left out additionalGids: berth cannot do that");
    }

    @Test
    void all_means_each_device_of_the_kind_where_none_has_that_name() {
        host.file("/dev/one", "").file("/dev/two", "").file("/etc/cdi/v.json", """
                {"cdiVersion": "0.3.0", "kind": "vendor.com/net", "devices": [
                 {"name": "a", "containerEdits": {"deviceNodes": [{"path": "/dev/one"}]}},
                 {"name": "b", "containerEdits": {"deviceNodes": [{"path": "/dev/x", "hostPath": "/dev/two"}]}}]}""");
        named("vendor.com/net=all");

        assertThat(targets()).containsExactly("/dev/one", "/dev/x");
    }

    @Test
    void the_gpus_of_the_request_are_the_devices_of_the_specification() {
        host.file("/etc/cdi/nvidia.yaml", YAML);
        asked = List.of("NVIDIA_VISIBLE_DEVICES=GPU-1234abcd");
        assertThat(targets()).contains("/dev/nvidia0");
        assertThat(find().lines()).anyMatch(line -> line.startsWith("CDI "));

        asked = List.of("NVIDIA_VISIBLE_DEVICES=GPU-ffff");
        assertThat(find().lines()).noneMatch(line -> line.startsWith("CDI "));
    }

    @Test
    void a_specification_of_another_day_is_passed_over_unless_it_was_named() {
        host.file("/etc/cdi/nvidia.yaml", YAML.replace("libcuda.so.550.54.15", "libcuda.so.545.23.08"));
        assertThat(find().notices()).singleElement().asString().contains("545.23.08", "looked for instead");
        assertThat(targets()).contains(Placement.LIBRARIES + "/libcuda.so.1");

        named("nvidia.com/gpu=0");
        assertThat(fault(Fault.HOST_UNFIT)).hasMessageContaining("545.23.08");
    }

    @Test
    void an_unknown_name_is_told_with_what_there_is() {
        host.file("/etc/cdi/nvidia.yaml", YAML);
        named("nvidia.com/gpu=7");
        assertThat(fault(Fault.NOT_FOUND).hint().orElseThrow()).contains("GPU-1234abcd");

        named("amd.com/gpu=0");
        assertThat(fault(Fault.NOT_FOUND).hint().orElseThrow()).contains("nvidia.com/gpu");

        named("gpu=0");
        fault(Fault.BAD_INPUT);
    }

    @Test
    void two_of_one_folder_with_the_same_device_are_refused_by_name() {
        host.file("/etc/cdi/a.yaml", YAML).file("/etc/cdi/b.yaml", YAML);
        named("nvidia.com/gpu=0");

        assertThat(fault(Fault.CORRUPT)).hasMessageContaining("a.yaml").hasMessageContaining("b.yaml");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "cdiVersion: 0.5.0",
                "cdiVersion: 0.2.0\nkind: a.com/b\ndevices: []",
                "cdiVersion: 2.0.0\nkind: a.com/b\ndevices: []",
                "cdiVersion: 0.5\nkind: a.com/b\ndevices: []",
                "cdiVersion: 0.5.0\nkind: nothing\ndevices: []",
                "cdiVersion: 0.5.0\nkind: [a]\ndevices: []",
                "cdiVersion: 0.5.0\nkind: a.com/b\ndevices: {}",
                "cdiVersion: 0.5.0\nkind: a.com/b\ndevices:\n- name: 'x/y'",
                "cdiVersion: 0.5.0\nkind: a.com/b\ndevices:\n- name: x\n  containerEdits: 7",
                "cdiVersion: 0.5.0\nkind: a.com/b\ncontainerEdits: {env: [NOVALUE]}",
                "cdiVersion: 0.5.0\nkind: a.com/b\ncontainerEdits: {env: 7}",
                "cdiVersion: 0.5.0\nkind: a.com/b\ncontainerEdits: {mounts: [{hostPath: /etc}]}",
                "cdiVersion: 0.5.0\nkind: a.com/b\ncontainerEdits: {mounts: [{hostPath: /e, containerPath: ../x}]}",
                "cdiVersion: 0.5.0\nkind: a.com/b\ncontainerEdits: {mounts: [{hostPath: /e, containerPath: /a/../../x}]}",
                "cdiVersion: 0.5.0\nkind: a.com/b\ncontainerEdits: {mounts: [{hostPath: /e, containerPath: /}]}",
                "cdiVersion: 0.5.0\nkind: a.com/b\ncontainerEdits: {mounts: [7]}",
                "a: &a [*a]",
                "a: &a {b: *a}",
                "? {x: y}\n: z",
                "a: 1\na: 2",
                "{{{",
                "!!java.lang.ProcessBuilder [[\"/bin/false\"]]",
                "--- a\n--- b",
                "\u0000"
            })
    void a_specification_that_makes_no_sense_is_one_line_with_its_name(String text) {
        host.file("/etc/cdi/bad.yaml", text);

        assertThat(Faults.expect(Fault.CORRUPT, () -> CdiReader.read(host.at("/etc/cdi/bad.yaml"))))
                .hasMessageContaining("bad.yaml");
    }

    @Test
    void a_small_file_that_grows_is_stopped() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < 40; i++) {
            bomb.append("a%d: &a%d [*a%d,*a%d,*a%d,*a%d]\n".formatted(i, i, i - 1, i - 1, i - 1, i - 1));
        }
        for (String text : List.of(
                bomb.toString(),
                "[".repeat(100_000),
                "{a: ".repeat(100_000),
                "x".repeat(5 << 20),
                "- x\n".repeat(900_000))) {
            host.file("/etc/cdi/bad.yaml", text);
            Assertions.assertTimeout(
                    Duration.ofSeconds(20),
                    () -> Faults.expect(Fault.CORRUPT, () -> CdiReader.read(host.at("/etc/cdi/bad.yaml"))));
        }
        host.file("/etc/cdi/bad.json", "[".repeat(100_000));
        Faults.expect(Fault.CORRUPT, () -> CdiReader.read(host.at("/etc/cdi/bad.json")));
    }

    @Test
    void a_damaged_file_does_not_hinder_the_others() {
        host.file("/etc/cdi/a.yaml", "{{{").file("/etc/cdi/nvidia.yaml", YAML);

        assertThat(find().lines()).anyMatch(line -> line.contains("a.yaml") && line.startsWith("note"));
        assertThat(targets()).contains(Placement.LIBRARIES + "/libcuda.so.1");

        named("vendor.com/x=1");
        FaultException missing = catchThrowableOfType(FaultException.class, this::find);
        assertThat(missing.hint().orElseThrow()).contains("a.yaml");
    }
}
