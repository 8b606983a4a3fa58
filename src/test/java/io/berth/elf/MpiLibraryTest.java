package io.berth.elf;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.container.InsideView;
import io.berth.fake.ElfFixture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class MpiLibraryTest {
    private static final String LIB = "usr/lib/x86_64-linux-gnu";

    @TempDir
    Path root;

    private void library(String path, String text, String... needed) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(new ElfFixture(true, ByteOrder.LITTLE_ENDIAN, 62, null, true, List.of(needed), null, null).bytes());
        bytes.write(text.getBytes(StandardCharsets.ISO_8859_1));
        put(path, bytes.toByteArray());
    }

    private void put(String path, byte[] bytes) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.resolveSibling(""));
        Files.write(file, bytes);
    }

    private void link(String path, String to) throws IOException {
        Files.createSymbolicLink(root.resolve(path), Path.of(to));
    }

    private List<String> shown(String... variables) {
        return MpiLibrary.of(new InsideView(root, List.of()), "x86_64", List.of(variables)).stream()
                .map(library -> library.shown() + " " + library.launchers())
                .toList();
    }

    @Test
    void the_open_mpi_of_debian_asks_by_pmix() throws IOException {
        library(LIB + "/libmpi.so.40.30.4", "x\0Open MPI v%d.%d.%d\0" + "4.1.4\0y", "libopen-pal.so.40");
        link(LIB + "/libmpi.so.40", "libmpi.so.40.30.4");
        put(LIB + "/openmpi/lib/openmpi3/mca_pmix_ext3x.so", new byte[0]);
        put(LIB + "/openmpi/lib/openmpi3/mca_pmix_flux.so", new byte[0]);

        assertThat(shown()).containsExactly("Open MPI 4.1.4 with PMIx [pmix]");
    }

    @Test
    void a_link_leads_to_the_file_inside_and_a_library_counts_once() throws IOException {
        library("opt/mpi-4/lib/libmpi.so.40.30.1", "\0" + "4.1.1\0");
        link("opt/mpi-4/lib/libmpi.so.40", "/opt/mpi-4/lib/libmpi.so.40.30.1");
        put("opt/mpi-4/lib/openmpi/mca_pmix_s1.so", new byte[0]);
        put("opt/mpi-4/lib/openmpi/mca_pmix_s2.so", new byte[0]);
        link("opt/mpi", "/opt/mpi-4");

        assertThat(shown("PATH=/opt/mpi/bin:/opt/mpi-4/bin:/bin", "LD_LIBRARY_PATH=/opt/mpi/lib"))
                .containsExactly("Open MPI 4.1.1 with PMI-2 and PMI-1 [pmi2]");
    }

    @Test
    void an_open_mpi_that_says_no_version_is_known_by_its_number() throws IOException {
        library(LIB + "/libmpi.so.40.40.1", "\0" + "3.9.9\0", "libpmix.so.2");
        link(LIB + "/libmpi.so.40", "libmpi.so.40.40.1");

        assertThat(shown()).containsExactly("Open MPI 5.0 with PMIx [pmix]");
    }

    @Test
    void built_in_components_are_found_in_the_layer_below() throws IOException {
        library(LIB + "/libmpi.so.40", "");
        library(LIB + "/libopen-pal.so.40", " ".repeat((1 << 20) - ElfFixture.SIZE - 3) + "mca_pmix_pmix3x_component");

        assertThat(shown()).containsExactly("Open MPI with PMIx [pmix]");
    }

    @Test
    void an_open_mpi_without_components_has_no_client() throws IOException {
        library(LIB + "/libmpi.so.40", "");

        assertThat(shown()).containsExactly("Open MPI without a PMI client []");
    }

    @Test
    void mpich_has_its_own_protocol_or_that_of_a_library() throws IOException {
        library(LIB + "/libmpich.so.12.2.2", "\0" + "4.0.2\0");
        link(LIB + "/libmpich.so.12", "libmpich.so.12.2.2");
        link(LIB + "/libmpi.so.12", "libmpich.so.12");
        library("usr/lib64/mpich/lib/libmpi.so.12", "\0" + "4.1\0", "libpmix.so.2");

        assertThat(shown()).containsExactly("MPICH 4.0.2 with PMI-1 [pmi2]", "MPICH 4.1 with PMIx [pmix]");
    }

    @Test
    void intel_mpi_is_not_taken_for_mpich() throws IOException {
        library(LIB + "/libmpi.so.12", "\0Intel(R) MPI Library 2021.9\0" + "3.4.1\0");

        assertThat(shown()).containsExactly("Intel MPI []");
    }

    @Test
    void a_tree_without_or_with_a_damaged_one_is_no_trouble() throws IOException {
        assertThat(shown("PATH=bin:/nowhere/bin", "LD_LIBRARY_PATH=:rel:/none")).isEmpty();

        put(LIB + "/libmpich.so.12", new byte[] {0x7f, 'E', 'L'});
        link(LIB + "/libmpi.so.40", "../../../../../../../../etc/no-such-file");

        assertThat(shown()).containsExactly("MPICH with PMI-1 [pmi2]");
    }
}
