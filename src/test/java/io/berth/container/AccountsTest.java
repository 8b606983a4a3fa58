package io.berth.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fault.Fault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
        "odd,        65534, 65534, odd,       /odd,   true",
    })
    void a_user_is_looked_up_in_the_image_then_the_caller_then_taken_as_a_number(
            String wanted, long uid, long gid, String name, String home, boolean known) {
        assertThat(Accounts.read(root).identify(wanted, CALLER))
                .isEqualTo(new Accounts.Identity(uid, gid, name, home, known));
    }

    @Test
    void root_needs_no_passwd() throws IOException {
        Files.delete(root.resolve("etc/passwd"));

        assertThat(Accounts.read(root).identify("0", CALLER))
                .isEqualTo(new Accounts.Identity(0, 0, "root", "/", false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody-here", "app:nogroup", "12345678901", "broken", ":5"})
    void an_unknown_name_is_refused(String wanted) {
        Faults.expect(Fault.NOT_FOUND, () -> Accounts.read(root).identify(wanted, CALLER));
    }

    @Test
    void nothing_is_written_when_the_image_knows_all() {
        Accounts accounts = Accounts.read(root);

        assertThat(accounts.writeInto(root, accounts.identify("app", CALLER), CALLER, "/srv"))
                .isFalse();
        assertThat(root.resolve("passwd")).doesNotExist();
    }

    @Test
    void who_is_unknown_is_added_with_all_groups() {
        Accounts accounts = Accounts.read(root);

        assertThat(accounts.writeInto(root, accounts.identify("ada", CALLER), CALLER, "/home/ada"))
                .isTrue();

        assertThat(root.resolve("passwd"))
                .content()
                .endsWith("odd:x:many:none::/odd:\nada:x:1234:200::/home/ada:/bin/sh\n");
        assertThat(root.resolve("group")).content().isEqualTo("""
                root:x:0:
                tape:x:5:
                broken
                app:x:102:
                G200:x:200:
                G300:x:300:
                """);
    }

    @Test
    void a_passwd_that_is_a_link_is_not_followed() throws IOException {
        Path outside = Files.writeString(root.resolve("outside"), "spy:x:7:7::/:\n");
        Files.delete(root.resolve("etc/passwd"));
        Files.createSymbolicLink(root.resolve("etc/passwd"), outside);

        Faults.expect(Fault.NOT_FOUND, () -> Accounts.read(root).identify("spy", CALLER));
    }

    @Test
    void a_full_name_in_an_old_encoding_is_no_obstacle() throws IOException {
        Files.write(
                root.resolve("etc/passwd"),
                "jo:x:8:9:J\u00f6rg:/home/jo:/bin/sh\n".getBytes(StandardCharsets.ISO_8859_1));

        assertThat(Accounts.read(root).identify("jo", CALLER).uid()).isEqualTo(8);
    }
}
