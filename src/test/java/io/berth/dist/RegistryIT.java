package io.berth.dist;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.FakeProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Passwords, searches and proxies as shipped, with a real registry behind TLS that wants a user.
@ExtendWith(Lab.Provider.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class RegistryIT {
    private static final String PASSWORD = "s3cret-word";

    private static Lab lab;
    private static TestRegistry open;
    private static Path closedFolder;
    private static Path certificate;
    private static String closed;

    private Berth berth;

    @BeforeAll
    static void start(Lab given) throws IOException {
        lab = given;
        open = given.registry();
        closedFolder = given.folder("closed");
        closed = TestRegistry.startClosed(open, closedFolder, "sailor", PASSWORD);
        certificate = closedFolder.resolve("cert.pem");
    }

    @AfterAll
    static void stop() {
        TestRegistry.stopClosed(closedFolder);
    }

    @BeforeEach
    void begin() {
        berth = lab.user().with("BERTH_CA_FILE", certificate.toString());
    }

    private Path keystore() {
        return berth.home().resolve(".udocker/keystore");
    }

    private String image() {
        return closed + "/berth/busybox";
    }

    private void loggedIn() {
        berth.input(PASSWORD + "\n").succeed("login", "--registry=" + closed, "--username=sailor", "--password-stdin");
    }

    @Test
    void a_private_image_needs_a_login_and_a_logout_ends_it() throws IOException {
        assertThat(berth.run("pull", image())
                        .failedWith(1, "access denied (401)")
                        .err())
                .contains("hint: run 'berth login --registry=" + closed + "'");
        loggedIn();
        assertThat(keystore())
                .hasContent("{\"https://" + closed + "\": {\"auth\": \"c2FpbG9yOnMzY3JldC13b3Jk\", \"email\": \"\"}}");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keystore())))
                .isEqualTo("rw-------");
        Result pulled = berth.succeed("--debug", "pull", image());
        assertThat(pulled.out() + pulled.err()).doesNotContain(PASSWORD, "c2FpbG9y");
        assertThat(berth.succeed("run", "--rm", image(), "/bin/cat", "/etc/os-release")
                        .out())
                .contains("berth test busybox");
        berth.succeed("logout", "--registry=" + closed);
        berth.run("logout", "--registry=" + closed).failedWith(1, "there is no password");
        berth.run("pull", image()).failedWith(1, "access denied (401)");
        loggedIn();
        berth.succeed("logout", "-a");
        assertThat(keystore()).doesNotExist();
    }

    @Test
    void a_wrong_password_is_refused_and_not_stored() {
        berth.run("login", "--registry=" + closed, "--username=sailor", "--password=wrong-word")
                .hasStatus(1);
        assertThat(keystore()).doesNotExist();
        assertThat(berth.run("login", "--registry=" + closed, "--username=sailor", "--password=wrong-word")
                        .err())
                .contains("nothing is stored", "--password-stdin")
                .doesNotContain("wrong-word");
    }

    @Test
    void a_registry_that_cannot_be_reached_gets_its_password_with_a_warning() {
        assertThat(berth.succeed("login", "--registry=127.0.0.1:1", "--username=xxx", "--password=yyy")
                        .err())
                .contains("stored without being checked", "connection refused");
        assertThat(keystore()).content().contains("https://127.0.0.1:1");
    }

    @Test
    void who_gives_no_password_is_asked_at_the_terminal_without_an_echo() {
        Result result = berth.after("(sleep 3; echo sailor; sleep 2; echo " + PASSWORD + "; sleep 1)"
                        + " | exec script -qec \"$1 login --registry=" + closed + "\" /dev/null; exit")
                .run();
        assertThat(result.out()).contains("username: ", "password: ", "logged in to https://" + closed);
        assertThat(result.out()).doesNotContain(PASSWORD);
        assertThat(keystore()).exists();
        berth.run("login", "--registry=" + closed).failedWith(2, "no terminal");
    }

    @Test
    void a_password_on_the_command_line_is_not_in_the_process_list_and_waiting_can_be_stopped() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            String registry = "http://127.0.0.1:" + silent.getLocalPort();
            Running login = berth.start("login", "--registry=" + registry, "-u", "sailor", "-p", PASSWORD);
            Path ofJava = Path.of("/proc/" + login.java().pid() + "/cmdline");
            Host.waitUntil("Java", () -> Host.read(ofJava).contains("io.berth.boot.Main"));
            for (Path line :
                    new Path[] {ofJava, Path.of("/proc/" + login.process().pid() + "/cmdline")}) {
                assertThat(Host.read(line)).contains("-p\0*****").doesNotContain(PASSWORD);
            }
            silent.accept();
            long began = System.nanoTime();
            login.signal("TERM").await().hasStatus(143);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
            assertThat(keystore()).doesNotExist();
        }
    }

    @Test
    void a_registry_is_searched_by_its_catalog_and_its_tags_are_listed() {
        loggedIn();
        assertThat(berth.succeed("search", "-a", closed + "/berth/busy").out().lines())
                .containsExactly(
                        "%-55s %8s %-70s %5s".formatted("NAME", "OFFICIAL", "DESCRIPTION", "STARS"),
                        "%-55s %8s %-70s %5s".formatted("berth/busybox", "----", "", ""));
        assertThat(berth.succeed("search", "--json", "--registry=https://" + closed, "berth/busy")
                        .out())
                .isEqualTo("[{\"name\":\"berth/busybox\",\"official\":false,\"description\":\"\",\"stars\":null}]\n");
        assertThat(berth.succeed("search", "--list-tags", image()).out().lines())
                .contains("latest", "oci");
        berth.run("search", "--list-tags", closed + "/no/such").failedWith(1, "not found");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_manifest_is_shown_with_the_options_on_either_side(boolean before) {
        String[] words = before
                ? new String[] {"manifest", "--platform=linux/arm64", "inspect", open.address() + "/berth/multi"}
                : new String[] {"manifest", "inspect", "--platform=linux/arm64", open.address() + "/berth/multi"};
        assertThat(berth.succeed(words).out())
                .startsWith("{\n    \"config\": {\n        \"digest\": \"sha256:")
                .contains("\n    \"layers\": [\n");
        assertThat(berth.succeed("manifest", "inspect", open.address() + "/berth/multi")
                        .out())
                .contains("\"architecture\": \"arm64\"", "\"architecture\": \"amd64\"");
        berth.run("manifest", "show", "x").failedWith(2, "'inspect'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "socks4", "socks4a", "socks5", "socks5h"})
    void an_image_is_pulled_through_a_proxy(String kind) throws IOException {
        loggedIn();
        try (FakeProxy proxy = FakeProxy.forUser("me", "")) {
            berth.succeed("pull", "--httpproxy=" + kind + "://me:@" + proxy.address(), image());
            assertThat(proxy.asked()).isNotEmpty();
            assertThat(berth.succeed("images").out()).contains(image());
        }
    }
}
