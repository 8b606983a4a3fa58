package io.berth.elf;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.container.InsideView;
import io.berth.fake.ElfFixture;
import io.berth.image.Platform;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ImageFactsTest {
    private static final String LOADER = "/lib64/ld-linux-x86-64.so.2";
    private static final String PATH = "/usr/bin:/bin";

    @TempDir
    Path root;

    @TempDir
    Path outside;

    @BeforeEach
    void make_a_tree() throws IOException {
        put("usr/lib/x86/ld-2.36.so", "loader".getBytes(StandardCharsets.UTF_8));
        library("usr/lib/x86/libc.so.6", "2.36");
        Files.createDirectories(root.resolve("usr/lib64"));
        // as images have it: absolute, and through another link
        Files.createSymbolicLink(root.resolve("lib64"), Path.of("/usr/lib64"));
        Files.createSymbolicLink(root.resolve("usr/lib64/ld-linux-x86-64.so.2"), Path.of("/usr/lib/x86/ld-2.36.so"));
        program("usr/bin/tool", ElfFixture.program(LOADER));
    }

    private void library(String path, String version) throws IOException {
        put(
                path,
                ("\0\0GNU C Library (Debian GLIBC " + version + "-9) stable release version " + version
                                + ".\nCopyright\0")
                        .getBytes(StandardCharsets.UTF_8));
    }

    private Path put(String path, byte[] bytes) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.resolveSibling(""));
        Files.write(file, bytes);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }

    private Path program(String path, ElfFixture fixture) throws IOException {
        return put(path, fixture.bytes());
    }

    private ImageFacts facts(String program) {
        return ImageFacts.read(root, List.of(), program, PATH);
    }

    @Test
    void links_are_followed_inside_the_tree() {
        ImageFacts facts = facts("tool");

        assertThat(facts.libc()).isEqualTo(new Libc(Libc.Kind.GLIBC, "2.36"));
        assertThat(facts.loader()).contains(LOADER);
        assertThat(facts.entry().kind()).isEqualTo(EntryProgram.Kind.DYNAMIC);
        assertThat(facts.entry().path()).isEqualTo("/usr/bin/tool");
        assertThat(facts.preparable()).isEqualTo(Platform.machine().equals("x86_64"));
    }

    @Test
    void a_library_may_lie_apart_from_its_loader() throws IOException {
        Files.move(root.resolve("usr/lib/x86/libc.so.6"), root.resolve("usr/lib64/libc.so.6"));
        Files.createDirectories(root.resolve("etc"));
        assertThat(facts("tool").libc()).isEqualTo(new Libc(Libc.Kind.GLIBC, "2.36"));

        Files.createDirectories(root.resolve("opt/odd"));
        Files.move(root.resolve("usr/lib64/libc.so.6"), root.resolve("opt/odd/libc.so.6"));
        assertThat(facts("tool").libc().kind()).isEqualTo(Libc.Kind.NONE);
        Files.writeString(root.resolve("etc/ld.so.conf"), "/opt/odd\n");
        assertThat(facts("tool").libc()).isEqualTo(new Libc(Libc.Kind.GLIBC, "2.36"));
    }

    @Test
    void a_library_behind_an_absolute_link_is_the_trees_own() throws IOException {
        Path decoy = outside.resolve("libc.so.6");
        Files.move(root.resolve("usr/lib/x86/libc.so.6"), decoy); // 2.36, of the host
        library(decoy.toString().substring(1), "2.31");
        Files.createSymbolicLink(root.resolve("usr/lib/x86/libc.so.6"), decoy);

        assertThat(facts("tool").libc()).isEqualTo(new Libc(Libc.Kind.GLIBC, "2.31"));
    }

    @Test
    @Timeout(20)
    void a_configuration_of_the_loader_that_means_harm_costs_little() throws IOException {
        Files.delete(root.resolve("usr/lib/x86/libc.so.6"));
        String includes = "include ld.so.conf.d/*\n".repeat(100);
        put("etc/ld.so.conf", (includes + "/with\0nul\ninclude with\0nul\n").getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < 100; i++) {
            put("etc/ld.so.conf.d/" + i, includes.getBytes(StandardCharsets.UTF_8));
        }
        put("etc/" + "a".repeat(200), new byte[0]);
        put("etc/ld.so.conf.d/stars", ("include " + "*a".repeat(50) + "b\n").getBytes(StandardCharsets.UTF_8));

        assertThat(facts("tool").libc().kind()).isEqualTo(Libc.Kind.NONE);
    }

    @Test
    void the_library_says_which_kernel_it_wants() throws IOException {
        InsideView view = new InsideView(root, List.of());
        assertThat(Libc.oldestKernel(view, "x86_64")).isEmpty();
        byte[] bytes = ElfFixture.library(3, 2);
        put("usr/lib/x86/libc.so.6", bytes);
        assertThat(Libc.oldestKernel(view, "x86_64")).contains(new KernelRelease(3, 2));

        // whatever is wrong with it, nothing happens but that less is known
        Random random = new Random(7);
        for (int round = 0; round < 500; round++) {
            byte[] damaged = bytes.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                int at = random.nextBoolean() ? random.nextInt(300) : 2300 + random.nextInt(80);
                damaged[at] = (byte) random.nextInt();
            }
            put("usr/lib/x86/libc.so.6", damaged);
            Libc.oldestKernel(view, "x86_64");
        }
    }

    @Test
    void a_script_leads_to_the_program_that_runs_it() throws IOException {
        put("bin/inner", "#! /usr/bin/tool -x\n".getBytes(StandardCharsets.UTF_8));
        put("bin/outer", "#!/bin/inner".getBytes(StandardCharsets.UTF_8));

        EntryProgram entry = facts("outer").entry();
        assertThat(entry.interpreters()).containsExactly("/bin/inner", "/usr/bin/tool");
        assertThat(entry.kind()).isEqualTo(EntryProgram.Kind.DYNAMIC);
        put("bin/circle", "#!/bin/circle\n".getBytes(StandardCharsets.UTF_8));
        assertThat(facts("circle").entry().kind()).isEqualTo(EntryProgram.Kind.OTHER);
        put("bin/broken", "#!/no/such\n".getBytes(StandardCharsets.UTF_8));
        assertThat(facts("broken").entry().kind()).isEqualTo(EntryProgram.Kind.MISSING);
    }

    @Test
    void kinds_of_programs_are_told_apart() throws IOException {
        program("bin/fixed", ElfFixture.fixedProgram());
        Files.setAttribute(program("bin/su", ElfFixture.program(LOADER)), "unix:mode", 04755);
        put("bin/text", "hello".getBytes(StandardCharsets.UTF_8));

        assertThat(facts("fixed").entry().kind()).isEqualTo(EntryProgram.Kind.STATIC);
        assertThat(facts("/bin/su").entry().kind()).isEqualTo(EntryProgram.Kind.SETUID);
        assertThat(facts("text").entry().kind()).isEqualTo(EntryProgram.Kind.OTHER);
        assertThat(facts("absent").entry().kind()).isEqualTo(EntryProgram.Kind.MISSING);
        assertThat(facts("").entry().kind()).isEqualTo(EntryProgram.Kind.OPEN);
    }

    @Test
    void a_loader_on_the_host_only_is_none_of_the_image() throws IOException {
        Files.delete(root.resolve("lib64"));
        program("usr/bin/other", ElfFixture.program("/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"));

        ImageFacts facts = facts("other");
        assertThat(facts.libc().kind()).isEqualTo(Libc.Kind.NONE);
        assertThat(facts.preparable()).isFalse();
    }

    @Test
    void other_libraries_and_machines_cannot_be_prepared() throws IOException {
        library("usr/lib/x86/libc.so.6", "2.12");
        assertThat(facts("tool").unpreparable().orElseThrow()).contains("glibc 2.12", "2.14");

        String musl = "/lib/ld-musl-x86_64.so.1";
        put("lib/ld-musl-x86_64.so.1", "loader".getBytes(StandardCharsets.UTF_8));
        program("bin/small", ElfFixture.program(musl));
        assertThat(facts("small").libc().kind()).isEqualTo(Libc.Kind.MUSL);
        assertThat(facts("small").unpreparable().orElseThrow()).contains("musl");

        library("usr/lib/x86/libc.so.6", "2.40");
        program("bin/far", new ElfFixture(true, ByteOrder.BIG_ENDIAN, 22, LOADER, true, List.of(), null, null));
        assertThat(facts("far").unpreparable().orElseThrow()).contains("s390x");
    }
}
