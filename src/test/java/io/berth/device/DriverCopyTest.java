package io.berth.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fault.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class DriverCopyTest {
    private static final String NEW = "550.54.15";
    private static final String LIB = "usr/lib/x86_64-linux-gnu";

    @TempDir
    Path folder;

    private Path tree;
    private DriverCopy copy;

    @BeforeEach
    void make() throws IOException {
        Path host = Files.createDirectory(folder.resolve("host"));
        DriverTree.complete(host, NEW, 1)
                .release(DriverTree.LIB64, "535.161.08", 64)
                .file("/etc/OpenCL/vendors/nvidia.icd", "libnvidia-opencl.so.1\n")
                .program("/usr/bin/nvidia-bug-report.sh");
        tree = Files.createDirectory(folder.resolve("tree"));
        Files.createDirectories(tree.resolve(LIB));
        Files.createDirectories(tree.resolve("usr/bin"));
        Files.createDirectories(tree.resolve("etc"));
        copy = new DriverCopy(host, List.of());
    }

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.walk(tree)) {
            return all.filter(path -> !Files.isDirectory(path))
                    .map(path -> tree.relativize(path).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void the_running_release_is_copied_with_its_links() throws IOException {
        assertThat(copy.copy(tree, false)).contains(NEW);

        assertThat(files())
                .contains(
                        LIB + "/libcuda.so." + NEW,
                        LIB + "/libcuda.so.1",
                        LIB + "/libcuda.so",
                        "usr/bin/nvidia-smi",
                        "usr/bin/nvidia-bug-report.sh",
                        "etc/OpenCL/vendors/nvidia.icd")
                .noneMatch(name -> name.contains("535") || name.contains(".berth"));
        assertThat(Files.readSymbolicLink(tree.resolve(LIB + "/libcuda.so.1"))).hasToString("libcuda.so." + NEW);
        assertThat(tree.resolve("usr/bin/nvidia-smi")).isExecutable();
    }

    @Test
    void a_file_that_is_there_stops_it_before_anything_is_changed_unless_forced() throws IOException {
        Files.writeString(tree.resolve("usr/bin/nvidia-smi"), "mine");
        List<String> before = files();

        assertThat(Faults.expect(Fault.BUSY, () -> copy.copy(tree, false))).hasMessageContaining("nvidia-smi");
        assertThat(files()).isEqualTo(before);
        copy.copy(tree, true);
        assertThat(tree.resolve("usr/bin/nvidia-smi")).hasContent("#!/bin/sh\n");
        copy.copy(tree, true);
    }

    /// The tree may be anybody's.
    @Test
    void links_of_the_tree_do_not_lead_out_of_it() throws IOException {
        Path outside = Files.createDirectories(folder.resolve("outside/vendors"));
        Files.createSymbolicLink(tree.resolve("etc/OpenCL"), outside.resolveSibling(""));
        Files.delete(tree.resolve("usr/bin"));
        Files.createSymbolicLink(tree.resolve("usr/bin"), outside);
        Files.createSymbolicLink(tree.resolve(LIB + "/libcuda.so.1"), outside.resolve("victim"));

        copy.copy(tree, true);

        assertThat(outside).isEmptyDirectory();
        assertThat(files()).contains(LIB + "/libcuda.so." + NEW);
    }

    @Test
    void a_tree_without_a_folder_for_libraries_is_refused() throws IOException {
        Files.delete(tree.resolve(LIB));

        Faults.expect(Fault.NOT_FOUND, () -> copy.copy(tree, false));
        assertThat(files()).isEmpty();
    }

    @Test
    void when_one_file_cannot_be_written_none_is_there() throws IOException {
        Files.createDirectories(tree.resolve("usr/bin/nvidia-smi/full"));
        List<String> before = files();

        Faults.expect(Fault.BUSY, () -> copy.copy(tree, true));

        assertThat(files()).isEqualTo(before);
    }
}
