import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/// Makes the application's jar fit for an AOT cache: classes compiled for Java 5 (Picocli) are rewritten for Java 8
/// with
/// stack maps, since no cache takes older ones; native libraries for other machines are left out, and the one for
/// this machine goes
/// into a folder, so that nothing is unpacked at run time. Same input, same output.
///
/// Usage: ModernizeJar.java IN.jar OUT.jar NATIVE_FOLDER
public final class ModernizeJar {
    private static final int FIRST_WITH_STACK_MAPS = 50;
    private static final long FIXED_TIME = 315_532_800_000L;
    /// With it System.exit starts JBoss's logging, which fails, and says so, when a signal came early.
    private static final String LOGGERS = "META-INF/services/java.lang.System$LoggerFinder";
    private static final Pattern NATIVE = Pattern.compile(".*\\.(so|dll|dylib|jnilib|a)(\\.[0-9]+)*");
    private static final Pattern OURS =
            Pattern.compile("(linux/amd64/libzstd-jni.*\\.so)|(jni/x86_64-Linux/libjffi-1\\.2\\.so)");

    private final ClassFile classes;
    private final Path natives;

    private ModernizeJar(ClassLoader loader, Path natives) {
        this.classes = ClassFile.of(
                ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                ClassFile.ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(loader)
                        .orElse(ClassHierarchyResolver.defaultResolver())));
        this.natives = natives;
    }

    public static void main(String[] args) throws IOException {
        Path in = Path.of(args[0]);
        Path natives = Files.createDirectories(Path.of(args[2]));
        try (URLClassLoader loader = new URLClassLoader(new URL[] {in.toUri().toURL()}, null);
                ZipInputStream source = new ZipInputStream(Files.newInputStream(in));
                ZipOutputStream target = new ZipOutputStream(buffered(Path.of(args[1])))) {
            new ModernizeJar(loader, natives).copy(source, target);
        }
    }

    private static OutputStream buffered(Path file) throws IOException {
        return new java.io.BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
    }

    private void copy(ZipInputStream source, ZipOutputStream target) throws IOException {
        Set<String> seen = new HashSet<>();
        for (ZipEntry entry = source.getNextEntry(); entry != null; entry = source.getNextEntry()) {
            String name = entry.getName();
            byte[] bytes = source.readAllBytes();
            if (name.equals(LOGGERS)) {
                continue;
            }
            if (NATIVE.matcher(name).matches()) {
                keepIfOurs(name, bytes);
            } else if (seen.add(name)) {
                ZipEntry copy = new ZipEntry(name);
                copy.setTime(FIXED_TIME);
                target.putNextEntry(copy);
                target.write(isOld(name, bytes) ? rewrite(bytes) : bytes);
                target.closeEntry();
            }
        }
    }

    private void keepIfOurs(String name, byte[] bytes) throws IOException {
        if (OURS.matcher(name).matches()) {
            String file = name.substring(name.lastIndexOf('/') + 1).replaceFirst("libzstd-jni-[0-9.-]+\\.so", "libzstd-jni.so");
            Files.write(natives.resolve(file), bytes);
        }
    }

    private static boolean isOld(String name, byte[] bytes) {
        return name.endsWith(".class")
                && !name.endsWith("module-info.class")
                && (((bytes[6] & 0xff) << 8) | (bytes[7] & 0xff)) < FIRST_WITH_STACK_MAPS;
    }

    private byte[] rewrite(byte[] bytes) {
        ClassModel old = classes.parse(bytes);
        return classes.build(old.thisClass().asSymbol(), builder -> {
            builder.withVersion(ClassFile.JAVA_8_VERSION, 0);
            for (var element : old) {
                switch (element) {
                    case ClassFileVersion _ -> {}
                    case MethodModel method ->
                        builder.transformMethod(method, MethodTransform.transformingCode((code, part) -> code.with(part)));
                    default -> builder.with(element);
                }
            }
        });
    }
}
