package io.berth.elf;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.ElfFixture;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ElfFileTest {
    private static final String LOADER = "/lib64/ld-linux-x86-64.so.2";

    @TempDir
    Path folder;

    private Optional<ElfFile> read(byte[] bytes) throws IOException {
        return ElfFile.read(Files.write(folder.resolve("file"), bytes));
    }

    @Test
    void a_program_says_its_loader_and_libraries() throws IOException {
        assertThat(read(ElfFixture.program(LOADER).bytes()))
                .contains(new ElfFile(
                        64,
                        true,
                        62,
                        false,
                        true,
                        Optional.of(LOADER),
                        List.of("libm.so.6", "libc.so.6"),
                        Optional.empty(),
                        Optional.empty()));
    }

    @Test
    void a_library_says_where_its_libraries_are() throws IOException {
        ElfFixture library = new ElfFixture(
                true, ByteOrder.LITTLE_ENDIAN, 62, null, true, List.of("libz.so.1"), "/opt/lib", "$ORIGIN/../lib");
        ElfFile found = read(library.bytes()).orElseThrow();

        assertThat(found.shared()).isTrue();
        assertThat(found.isStatic()).isTrue();
        assertThat(found.rpath()).contains("/opt/lib");
        assertThat(found.runpath()).contains("$ORIGIN/../lib");
    }

    @Test
    void narrow_and_big_endian_ones_are_read_too() throws IOException {
        for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
            for (boolean wide : List.of(true, false)) {
                ElfFile found = read(new ElfFixture(wide, order, 21, "/ld", true, List.of("libc.so.6"), null, "/r")
                                .bytes())
                        .orElseThrow();

                assertThat(found.bits()).isEqualTo(wide ? 64 : 32);
                assertThat(found.interpreter()).contains("/ld");
                assertThat(found.needed()).containsExactly("libc.so.6");
                assertThat(found.runpath()).contains("/r");
                assertThat(found.machineName()).isEqualTo(order == ByteOrder.BIG_ENDIAN ? "ppc64" : "ppc64le");
            }
        }
    }

    @Test
    void what_is_no_program_is_none() throws IOException {
        assertThat(read(new byte[0])).isEmpty();
        assertThat(read(new byte[4096])).isEmpty();
        assertThat(ElfFile.read(folder)).isEmpty();
        Path link = Files.createSymbolicLink(
                folder.resolve("link"),
                Files.write(folder.resolve("real"), ElfFixture.fixedProgram().bytes()));
        assertThat(ElfFile.read(link)).isEmpty();
        assertThat(ElfFile.read(folder.resolve("real")).orElseThrow().isStatic())
                .isTrue();
    }

    /// The machine's own programs are none of our making.
    @Test
    void the_java_that_runs_this_is_read() throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java").toRealPath();

        assertThat(ElfFile.read(java).orElseThrow().needed()).anyMatch(name -> name.startsWith("libc."));
    }

    @Test
    void a_file_cut_anywhere_is_read_or_refused() throws IOException {
        byte[] whole = ElfFixture.program(LOADER).bytes();
        for (int length = 0; length < whole.length; length++) {
            Optional<ElfFile> found = read(Arrays.copyOf(whole, length));
            assertThat(found.map(ElfFile::bits).orElse(64)).isEqualTo(64);
        }
    }

    @Test
    void damaged_bytes_are_read_or_refused_and_never_take_long() throws IOException {
        Random random = new Random(20261126);
        byte[] whole = new ElfFixture(
                        true, ByteOrder.LITTLE_ENDIAN, 62, LOADER, true, List.of("a", "b"), "/r", "$ORIGIN")
                .bytes();
        int read = 0;
        for (int turn = 0; turn < 3000; turn++) {
            byte[] bytes = whole.clone();
            for (int i = random.nextInt(1, 6); i > 0; i--) {
                // where the headers are
                bytes[random.nextInt(random.nextBoolean() ? 240 : bytes.length)] =
                        (byte) (random.nextInt(4) == 0 ? 0xff : random.nextInt());
            }
            Optional<ElfFile> found = read(bytes);
            read += found.isPresent() ? 1 : 0;
            assertThat(found.map(elf -> elf.needed().size()).orElse(0)).isLessThanOrEqualTo(1024);
        }
        assertThat(read).isBetween(1, 2999);
    }
}
