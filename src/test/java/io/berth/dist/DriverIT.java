package io.berth.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/// A host with an NVIDIA driver of real shared objects, and programs in containers that load and call them.
@ExtendWith(Lab.Provider.class)
@ParameterizedClass
@ValueSource(strings = {"R1", "P1", "P2", "R2"})
@DisplayNameGeneration(ReplaceUnderscores.class)
class DriverIT {
    private static final String NEW = "550.54.15";
    private static final String OLD = "535.161.08";
    private static final String LIBS = "usr/lib/x86_64-linux-gnu";
    private static final String SMI = "smi 550 device zero\n";
    private static final AtomicInteger COUNT = new AtomicInteger();

    private static Lab lab;
    private static Berth berth;
    private static Path host;
    private static String image;

    @Parameter
    String mode = "";

    @BeforeAll
    static void make(Lab given) throws IOException {
        lab = given;
        Path work = given.folder("driver-build");
        host = driver(work, given.folder("gpu-host"));
        Path app = program(work, "app", """
                #include <dlfcn.h>
                #include <stdio.h>
                int main(void)
                {
                    void *cuda = dlopen("libcuda.so.1", RTLD_NOW);
                    int version = 0;
                    if (!cuda)
                        return puts(dlerror()), 1;
                    ((int (*)(int *))dlsym(cuda, "cuDriverGetVersion"))(&version);
                    return printf("cuda %d\\n", version) < 0;
                }
                """);
        TestRegistry registry = given.registry();
        registry.push(
                "berth/gpu",
                "\"Env\":[\"PATH=/bin\"],\"Cmd\":[\"/bin/app\"]",
                TestRegistry.busyboxLayer(),
                TestRegistry.layer(tar -> {
                    executable(tar, "bin/app", app);
                    executable(tar, "usr/bin/app", app);
                    executable(tar, "lib64/ld-linux-x86-64.so.2", Path.of("/lib64/ld-linux-x86-64.so.2"));
                    executable(tar, LIBS + "/libc.so.6", Path.of("/lib/x86_64-linux-gnu/libc.so.6"));
                }));
        image = registry.address() + "/berth/gpu";
        berth = given.user().with("BERTH_DRIVER_ROOT", host.toString());
        berth.succeed("pull", image);
        berth.succeed("create", "--name=gpu", image);
    }

    private static Path driver(Path work, Path root) throws IOException {
        for (String name : List.of(LIBS, "usr/bin", "dev", "proc/driver/nvidia", "etc/cdi")) {
            Files.createDirectories(root.resolve(name));
        }
        for (String version : List.of(NEW, OLD)) {
            String major = version.substring(0, 3);
            library(work, root, "libcuda", version, "int cuDriverGetVersion(int *v) { *v = " + major + "; return 0; }");
            library(work, root, "libnvidia-ml", version, "int nvmlVersion(void) { return " + major + "; }");
        }
        Files.writeString(work.resolve("smi.c"), """
                #include <fcntl.h>
                #include <stdio.h>
                #include <unistd.h>
                int nvmlVersion(void);
                int main(void)
                {
                    char text[32] = "";
                    int device = open("/dev/nvidia0", O_RDONLY);
                    if (device >= 0 && read(device, text, 31) < 0)
                        return 1;
                    return printf("smi %d %s\\n", nvmlVersion(), text) < 0;
                }
                """);
        Host.run(
                "gcc",
                "-o",
                root.resolve("usr/bin/nvidia-smi").toString(),
                work.resolve("smi.c").toString(),
                root.resolve(LIBS + "/libnvidia-ml.so." + NEW).toString());
        Files.writeString(root.resolve("dev/nvidia0"), "device zero");
        Files.writeString(root.resolve("dev/nvidiactl"), "control");
        module(root, NEW);
        Host.run("chmod", "-R", "a+rX", root.toString());
        return root;
    }

    private static void module(Path root, String version) throws IOException {
        Files.writeString(
                root.resolve("proc/driver/nvidia/version"),
                "NVRM version: NVIDIA UNIX x86_64 Kernel Module  " + version + "  Thu Mar 14 18:46:51 UTC 2024\n");
    }

    private static void library(Path work, Path root, String stem, String version, String code) throws IOException {
        Path source = Files.writeString(work.resolve(stem + ".c"), code);
        Path file = root.resolve(LIBS + "/" + stem + ".so." + version);
        Host.run("gcc", "-shared", "-fPIC", "-Wl,-soname," + stem + ".so.1", "-o", file.toString(), source.toString());
        Path link = file.resolveSibling(stem + ".so.1");
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, file.getFileName());
    }

    private static Path program(Path work, String name, String code) throws IOException {
        Path source = Files.writeString(work.resolve(name + ".c"), code);
        Path program = work.resolve(name);
        Host.run("gcc", "-o", program.toString(), source.toString());
        return program;
    }

    private static void executable(TarArchiveOutputStream tar, String name, Path source) throws IOException {
        byte[] content = Files.readAllBytes(source);
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(content.length);
        entry.setMode(0100755);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    private Result run(Berth by, String container, List<String> options, String... command) {
        List<String> words = new ArrayList<>(List.of("run", "--mode=" + mode));
        words.addAll(options);
        words.add(container);
        words.addAll(List.of(command));
        return by.run(words.toArray(String[]::new));
    }

    private static String listing(String container) {
        Path root = Path.of(berth.succeed("inspect", "-p", container).out().strip());
        return Host.run(
                "find",
                root.toString(),
                "-name",
                "bin",
                "-prune",
                "-printf",
                "%P %T@\n",
                "-o",
                "-printf",
                "%P %y %s %T@\n");
    }

    @Test
    void a_program_loads_the_running_modules_libcuda_and_nothing_stays_in_the_tree() {
        run(berth, "gpu", List.of(), "true").hasStatus(0); // the usual mounts have their places now
        String before = listing("gpu");

        run(berth, "gpu", List.of("--nvidia"), "/bin/app").hasStatus(0).wrote("cuda 550\n");
        run(berth, "gpu", List.of("--nvidia"), "nvidia-smi").hasStatus(0).wrote(SMI);
        assertThat(listing("gpu")).isEqualTo(before);
        run(berth, "gpu", List.of(), "/bin/app").hasStatus(1);
    }

    @Test
    void another_module_shows_its_own_libraries_at_the_next_start() throws IOException {
        try {
            module(host, OLD);
            run(berth, "gpu", List.of("--nvidia"), "/bin/app").hasStatus(0).wrote("cuda 535\n");
        } finally {
            module(host, NEW);
        }
        run(berth, "gpu", List.of("--nvidia"), "/bin/app").hasStatus(0).wrote("cuda 550\n");
    }

    @Test
    void a_cdi_device_does_what_its_specification_says() throws IOException {
        Path specification = host.resolve("etc/cdi/vendor.yaml");
        Files.writeString(specification, """
                cdiVersion: "0.6.0"
                kind: vendor.com/gpu
                devices:
                - name: "0"
                  containerEdits:
                    deviceNodes:
                    - path: /dev/vendor0
                      hostPath: /dev/nvidia0
                containerEdits:
                  env: [BY=cdi]
                  mounts:
                  - hostPath: /%1$s/libcuda.so.%2$s
                    containerPath: /%1$s/libcuda.so.%2$s
                    options: [ro, bind]
                  hooks:
                  - hookName: createContainer
                    path: /usr/bin/nvidia-cdi-hook
                    args: [nvidia-cdi-hook, update-ldcache, --folder, /%1$s]
                """.formatted(LIBS, OLD));
        Files.setPosixFilePermissions(specification, PosixFilePermissions.fromString("rw-r--r--"));

        run(berth, "gpu", List.of("--device=vendor.com/gpu=0"), "/bin/sh", "-c", "app; cat /dev/vendor0; echo \" $BY\"")
                .hasStatus(0)
                .wrote("cuda 535\ndevice zero cdi\n");
        run(berth, "gpu", List.of("--device=vendor.com/gpu=1"), "true").failedWith(125, "vendor.com/gpu=1");
    }

    @Test
    void a_job_that_wants_gpus_has_the_nodes_driver() {
        Berth node = berth.with("BERTH_NODE_DIR", lab.user().home().toString());
        Result job = node.run("job", "run", "--tasks=2", "--gpus=1", "--mode=" + mode, image, "--", "/bin/app");

        job.hasStatus(0).wrote("cuda 550\ncuda 550\n");
    }

    @Test
    void explain_tells_each_file_and_what_is_not_there() {
        String text = berth.succeed("explain", "--mode=" + mode, "--nvidia", "gpu", "/bin/app")
                .out();

        assertThat(text)
                .contains("NVIDIA driver " + NEW + ": the kernel module's")
                .contains("libcuda.so." + NEW + " at /usr/local/nvidia/lib64/libcuda.so.1: compute")
                .contains("not found libnvidia-ptxjitcompiler.so." + NEW);
    }

    @Test
    void setup_copies_the_driver_which_then_serves_without_the_host() {
        String name = "copied" + COUNT.incrementAndGet();
        Berth without = berth.with("BERTH_DRIVER_ROOT", lab.folder("no-gpu").toString());
        berth.succeed("clone", "--name=" + name, "gpu");
        String before = listing(name);

        without.run("setup", "--nvidia", name).failedWith(1, "libcuda.so");
        assertThat(listing(name)).isEqualTo(before);
        berth.succeed("setup", "--nvidia", name);
        assertThat(berth.succeed("setup", name).out()).contains("nvidiamode: True");
        berth.run("setup", "--nvidia", name).failedWith(1, "is there already");
        berth.succeed("setup", "--nvidia", "--force", name);
        assertThat(listing(name)).contains("libcuda.so.1 l").doesNotContain(".berth-copy");

        run(without, name, List.of(), "/bin/app").hasStatus(0).wrote("cuda 550\n");
        run(without, name, List.of(), "/usr/bin/nvidia-smi").hasStatus(0).wrote("smi 550 \n");
        run(without, name, List.of("--nvidia"), "/bin/app").failedWith(125, "neither its kernel module nor libcuda.so");
        berth.succeed("rm", name);
    }
}
