package io.berth.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/// `berth run`: users and their files.
@ParameterizedClass
@ValueSource(strings = {"R1", "P1", "P2", "R2", "R3"})
class RunAccountsIT extends RunCases {
    @Test
    void the_user_is_root_unless_another_is_asked_for() {
        assertThat(shell("id -u; id -g; echo $USER $HOME; whoami")).isEqualTo("0\n0\nroot /root\nroot\n");
        assertThat(shell(List.of("--user=nobody"), "id -u; echo $USER; whoami")).isEqualTo("65534\nnobody\nnobody\n");
        assertThat(shell(List.of("--user=1234"), "id -u; whoami")).startsWith("1234\n");
        assertThat(shell(List.of("--user=1234:4321"), "id -u; id -g")).isEqualTo("1234\n4321\n");
        assertThat(shell(List.of("--user=sailor"), "id -u; whoami; echo $USER")).isEqualTo("20011\nsailor\nsailor\n");
        assertThat(shell(List.of("--user=20011"), "id -u; id -g; whoami")).isEqualTo("20011\n20011\nsailor\n");
        box(List.of("--user=stranger"), "/bin/true").failedWith(125, "stranger");
        box(List.of("--user=0:strangers"), "/bin/true").failedWith(125, "strangers");
    }

    @Test
    void the_accounts_are_the_containers_the_hosts_or_both() throws IOException {
        String host = Files.readAllLines(Path.of("/etc/passwd")).getFirst();
        assertThat(shell(List.of("--user=sailor"), "tail -n 1 /etc/passwd")).startsWith("sailor:x:20011:20011:");
        assertThat(shell(List.of("--user=sailor", "--hostauth"), "head -n 1 /etc/passwd; tail -n 1 /etc/passwd"))
                .startsWith(host + "\nsailor:x:20011:20011:");
        assertThat(shell(List.of("--hostauth"), "cat /etc/group")).isEqualTo(Files.readString(Path.of("/etc/group")));
        assertThat(shell(List.of("--user=4321", "--containerauth"), "id -u; grep -c 4321 /etc/passwd || true"))
                .isEqualTo("4321\n0\n");
        box(List.of("--hostauth", "--containerauth"), "/bin/true").failedWith(125, "exclude each other");
    }

    @Test
    void a_user_of_the_host_that_the_container_lacks_is_found() {
        assertThat(shell(List.of("--user=games", "--hostauth"), "id -un; echo $USER"))
                .isEqualTo("games\ngames\n");
        assertThat(shell(List.of("--user=sailor:games", "--hostauth"), "id -gn"))
                .isEqualTo("games\n");
    }
}
