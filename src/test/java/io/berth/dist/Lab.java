package io.berth.dist;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// What the tests of one Maven run share: a folder that an ordinary user can reach, a copy of the distribution that
/// belongs to root, a registry. It is removed at the end.
///
/// What is missing on the machine fails the first test that asks for a lab; nothing is skipped.
final class Lab implements AutoCloseable {
    private static final List<String> PROGRAMS = List.of(
            "setpriv", "unshare", "mount", "bash", "script", "proot", "busybox", "docker-registry", "skopeo", "zstd");

    private final Path folder;
    private final Path dist;
    private final AtomicInteger users = new AtomicInteger();
    private @Nullable TestRegistry registry;

    private Lab() throws IOException {
        Path built = Path.of(System.getProperty("berth.dist", "target/dist/berth"));
        require(Files.isExecutable(built.resolve("bin/berth")), built + " is missing: run 'mvn package' first");
        require(
                Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid")),
                "these tests start berth as another user and in mount namespaces: run them as root");
        for (String program : PROGRAMS) {
            require(isInPath(program), program + " is missing: src/test/cluster/install.sh installs it");
        }
        this.folder = Files.createTempDirectory("berth-it-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        this.dist = folder.resolve("opt/berth");
        Files.createDirectories(folder.resolve("opt"));
        Host.run("cp", "-a", built.toAbsolutePath().toString(), dist.toString());
    }

    /// A copy of what was built, root's, with the times of its files kept.
    Path dist() {
        return dist;
    }

    /// A new empty folder that only root can write to.
    Path folder(String name) {
        try {
            Path made = Files.createTempDirectory(folder, name + "-");
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// berth for a user with a new empty home.
    Berth user() {
        try {
            Path home = Files.createDirectory(folder.resolve("home-" + users.incrementAndGet()));
            Host.giveToUser(home);
            return Berth.of(dist.resolve("bin/berth"), home, folder("output"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized TestRegistry registry() {
        if (registry == null) {
            registry = TestRegistry.start(folder.resolve("registry"));
        }
        return registry;
    }

    @Override
    public void close() {
        synchronized (this) {
            if (registry != null) {
                registry.close();
            }
        }
        Host.run("rm", "-rf", "--one-file-system", folder.toString());
    }

    private static boolean isInPath(String program) {
        return Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(path -> Files.isExecutable(Path.of(path, program)));
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    /// Hands the one lab of this run to tests that have a parameter for it.
    static final class Provider implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Lab.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot().getStore(Namespace.GLOBAL).computeIfAbsent(Lab.class, _ -> {
                try {
                    return new Lab();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
