package io.berth.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fault.Fault;
import io.berth.files.Folders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class AccountsTest {
    private static final HostUser CALLER = new HostUser(1234, 200, List.of(200L, 300L, 5L), "ada", "/home/ada");

    /// A host whose directory service has a user and a group that its files lack.
    private static final HostAccounts HOST = new HostAccounts() {
        @Override
        public Optional<HostAccount> user(String name) {
            return name.equals("grace")
                    ? Optional.of(new HostAccount("grace", 5000, 5001, "/home/grace"))
                    : Optional.empty();
        }

        @Override
        public Optional<Long> group(String name) {
            return name.equals("navy") ? Optional.of(6000L) : Optional.empty();
        }
    };

    @TempDir
    Path root;

    @BeforeEach
    void make_the_tree() throws IOException {
        Files.createDirectories(root.resolve("etc"));
        Files.writeString(root.resolve("etc/passwd"), """
                root:x:0:0:root:/root:/bin/sh
                app:x:101:102:App:/srv:/bin/false
                broken:x
                odd:x:many:none::/odd:
                """);
        Files.writeString(root.resolve("etc/group"), "root:x:0:\ntape:x:5:\nbroken\napp:x:102:\n");
    }

    @ParameterizedTest
    @CsvSource({
        "0,          0,     0,     root,      /root,  true",
        "root,       0,     0,     root,      /root,  true",
        "app,        101,   102,   app,       /srv,   true",
        "101,        101,   102,   app,       /srv,   true",
        "app:5,      101,   5,     app,       /srv,   true",
        "app:tape,   101,   5,     app,       /srv,   true",
        "ada,        1234,  200,   ada,       /,      false",
        "1234,       1234,  200,   ada,       /,      false",
        "1234:102,   1234,  102,   ada,       /,      false",
        "4000,       4000,  200,   user4000,  /,      false",
        "grace,      5000,  5001,  grace,     /,      false",
        "grace:navy, 5000,  6000,  grace,     /,      false",
        "app:navy,   101,   6000,  app,       /srv,   true",
        "odd,        65534, 65534, odd,       /odd,   true",
    })
    void a_user_is_looked_up_in_the_image_then_the_caller_then_taken_as_a_number(
            String wanted, long uid, long gid, String name, String home, boolean known) {
        assertThat(Accounts.read(root.resolve("etc")).identify(wanted, CALLER, HOST))
                .isEqualTo(new Accounts.Identity(uid, gid, name, home, known));
    }

    @Test
    void root_needs_no_passwd() throws IOException {
        Files.delete(root.resolve("etc/passwd"));

        assertThat(Accounts.read(root.resolve("etc")).identify("0", CALLER, HOST))
                .isEqualTo(new Accounts.Identity(0, 0, "root", "/", false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody-here", "app:nogroup", "12345678901", "broken", ":5"})
    void an_unknown_name_is_refused(String wanted) {
        Faults.expect(Fault.NOT_FOUND, () -> Accounts.read(root.resolve("etc")).identify(wanted, CALLER, HOST));
    }

    @Test
    void nothing_is_written_when_the_image_knows_all() {
        Accounts accounts = Accounts.read(root.resolve("etc"));

        assertThat(accounts.complete(root, accounts.identify("app", CALLER, HOST), CALLER, "/srv", false))
                .isEmpty();
        assertThat(Folders.list(root)).containsExactly(root.resolve("etc"));
        assertThat(accounts.complete(root, accounts.identify("app", CALLER, HOST), CALLER, "/srv", true))
                .hasValueSatisfying(completed ->
                        assertThat(completed.passwd()).hasSameTextualContentAs(root.resolve("etc/passwd")));
    }

    @Test
    void who_is_unknown_is_added_with_all_groups() {
        Accounts accounts = Accounts.read(root.resolve("etc"));

        Accounts.Completed completed = accounts.complete(
                        root, accounts.identify("ada", CALLER, HOST), CALLER, "/home/ada", false)
                .orElseThrow();

        assertThat(completed.passwd()).content().endsWith("""
                odd:x:many:none::/odd:
                ada:x:1234:200::/home/ada:/bin/sh
                """);
        assertThat(completed.group()).content().isEqualTo("""
                root:x:0:
                tape:x:5:
                broken
                app:x:102:
                G200:x:200:
                G300:x:300:
                """);
    }

    @Test
    void runs_as_different_users_do_not_overwrite_each_others_files() {
        Accounts accounts = Accounts.read(root.resolve("etc"));
        Accounts.Completed ada = accounts.complete(root, accounts.identify("ada", CALLER, HOST), CALLER, "/", false)
                .orElseThrow();
        Accounts.Completed other = accounts.complete(root, accounts.identify("4000", CALLER, HOST), CALLER, "/", false)
                .orElseThrow();

        assertThat(ada.passwd())
                .isNotEqualTo(other.passwd())
                .content()
                .contains("ada:")
                .doesNotContain("user4000");
    }

    @Test
    void a_passwd_that_is_a_link_is_not_followed() throws IOException {
        Path outside = Files.writeString(root.resolve("outside"), "spy:x:7:7::/:\n");
        Files.delete(root.resolve("etc/passwd"));
        Files.createSymbolicLink(root.resolve("etc/passwd"), outside);

        Faults.expect(Fault.NOT_FOUND, () -> Accounts.read(root.resolve("etc")).identify("spy", CALLER, HOST));
    }

    @Test
    void a_full_name_in_an_old_encoding_is_no_obstacle() throws IOException {
        Files.write(
                root.resolve("etc/passwd"),
                "jo:x:8:9:J\u00f6rg:/home/jo:/bin/sh\n".getBytes(StandardCharsets.ISO_8859_1));

        assertThat(Accounts.read(root.resolve("etc"))
                        .identify("jo", CALLER, HOST)
                        .uid())
                .isEqualTo(8);
    }
}
