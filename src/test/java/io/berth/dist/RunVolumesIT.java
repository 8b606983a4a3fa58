package io.berth.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/// `berth run`: volumes, devices, what of the host is shown.
@ParameterizedClass
@ValueSource(strings = {"R1", "R1/crun", "R1/runc", "P1", "P2", "R2", "R3"})
class RunVolumesIT extends RunCases {
    @Test
    void a_folder_and_a_file_can_be_shown_inside() throws IOException {
        Path folder = shared("it");
        assertThat(shell(
                        List.of("--volume=" + folder + ":/made/on/the/way"),
                        "cat /made/on/the/way/file; echo new > /made/on/the/way/new"))
                .isEqualTo("of the host\n");
        assertThat(folder.resolve("new")).hasContent("new");
        assertThat(shell(List.of("-v", folder.toString()), "cat " + folder + "/file"))
                .isEqualTo("of the host\n");
        assertThat(shell(List.of("--volume=" + folder + "/file:/etc/os-release"), "cat /etc/os-release"))
                .as("over a file of the image")
                .isEqualTo("of the host\n");
        assertThat(shell("cat /etc/os-release")).contains("berth test busybox");
    }

    @Test
    void what_is_shown_leaves_no_file_in_the_tree() throws IOException {
        Path file = shared("passing").resolve("file");
        assertThat(shell(
                        List.of("--volume=" + file + ":/etc/passing"),
                        "cat /etc/passing; echo kept > /etc/kept; test -e /etc/resolv.conf && echo seen"))
                .isEqualTo("of the host\nseen\n");
        Path root = berth.repository().resolve("containers/box/ROOT").toRealPath();
        assertThat(root.resolve("etc/kept")).hasContent("kept");
        assertThat(root.resolve("etc/passing")).doesNotExist();
        assertThat(root.resolve("etc/resolv.conf")).doesNotExist();
        assertThat(root.resolve(".berth-engines")).doesNotExist();
        shell("rm /etc/kept");
    }

    @Test
    void blanks_in_paths_are_fine() throws IOException {
        Path folder = shared("with some blanks");
        assertThat(shell(List.of("--volume=" + folder + ":/in side/too"), "cat '/in side/too/file'"))
                .isEqualTo("of the host\n");
    }

    @Test
    void read_only_is_kept_or_refused_before_the_start() throws IOException {
        Path folder = shared("ro");
        Result result = box(
                List.of("--volume=" + folder + ":/mnt:ro"),
                "/bin/sh",
                "-c",
                "cat /mnt/file; touch /mnt/new 2>/dev/null && echo written");
        if (mode().startsWith("P")) {
            result.failedWith(125, "read-only");
        } else {
            result.hasStatus(1).wrote("of the host\n");
        }
        assertThat(folder.resolve("new")).doesNotExist();
    }

    @Test
    void a_volume_that_is_not_there_or_is_nonsense_is_refused() {
        box(List.of("--volume=/no/such/place:/mnt"), "/bin/true").failedWith(125, "/no/such/place");
        box(List.of("--volume=/etc:/"), "/bin/true").failedWith(125, "/etc:/");
        box(List.of("--volume=/etc:/a/../.."), "/bin/true").failedWith(125, "/etc:/a/../..");
        box(List.of("--volume=etc:/mnt"), "/bin/true").failedWith(125, "etc:/mnt");
        box(List.of("--volume="), "/bin/true").failedWith(125);
    }

    @Test
    void what_the_user_writes_belongs_to_him() throws IOException {
        Path folder = shared("written");
        shell(List.of("--volume=" + folder + ":/mnt"), "echo x > /mnt/new; mkdir /mnt/sub; rm /mnt/file");
        assertThat(Files.getAttribute(folder.resolve("new"), "unix:uid")).isEqualTo(Host.USER);
        assertThat(Host.names(folder)).containsExactly("new", "sub");
    }

    @Test
    void a_link_in_the_image_does_not_lead_out_of_it() throws IOException {
        Path secret = shared("secret");
        shell("ln -sfn '" + secret + "' /tmp/out-" + mode() + "; ln -sfn ../../../../../../../.." + secret + " /tmp/up-"
                + mode());
        box("/bin/cat", "/tmp/out-" + mode() + "/file").hasStatus(1);
        box("/bin/cat", "/tmp/up-" + mode() + "/file").hasStatus(1);
    }

    @Test
    void the_hosts_folders_are_shown_unless_they_are_not_wanted() {
        if (isByRuntime()) {
            box(List.of("--nosysdirs"), "/bin/true").failedWith(125, "R1 cannot do without /proc");
            box(List.of("--novol=/proc"), "/bin/true").failedWith(125, "R1 cannot do without /proc");
            return;
        }
        assertThat(shell("test -e /proc/self && test -e /sys/kernel && test -c /dev/null && echo all"))
                .isEqualTo("all\n");
        assertThat(shell(List.of("--nosysdirs"), "ls /proc /sys")).doesNotContain("self", "kernel");
        assertThat(shell(List.of("--novol=/sys"), "test -e /proc/self && ls /sys"))
                .isEmpty();
        Result result = box(List.of("--novol=/nowhere"), "/bin/true").hasStatus(0);
        assertThat(result.err()).contains("/nowhere").hasLineCount(1);
    }

    @Test
    void a_device_is_shown_where_dev_is_not() {
        if (isByRuntime()) {
            box(List.of("--device=/dev/no-such-device"), "/bin/true").failedWith(125, "/dev/no-such-device");
            return;
        }
        assertThat(shell(
                        List.of("--nosysdirs", "--device=/dev/zero", "--device=/dev/null:/dev/nothing:rw"),
                        "head -c 2 /dev/zero | wc -c; echo x > /dev/nothing; cat /dev/nothing"))
                .isEqualTo("2\n");
        box(List.of("--device=/dev/no-such-device"), "/bin/true").failedWith(125, "/dev/no-such-device");
    }

    @Test
    void a_mount_can_be_said_in_dockers_words() throws IOException {
        Path folder = shared("mount");
        assertThat(shell(List.of("--mount", "type=bind,source=" + folder + ",target=/mnt"), "cat /mnt/file"))
                .isEqualTo("of the host\n");
        only(
                "R1 R2 R3",
                List.of("--mount=type=bind,src=" + folder + ",dst=/mnt,readonly"),
                "cat /mnt/file; touch /mnt/new 2>/dev/null || true",
                "of the host\n");
        assertThat(folder.resolve("new")).doesNotExist();
        box(List.of("--mount=type=tmpfs,target=/mnt"), "/bin/true").failedWith(125, "type=bind");
    }

    @Test
    void a_path_that_ends_in_ro_can_be_meant() throws IOException {
        Path folder = shared("odd");
        assertThat(shell(List.of("-v", folder + ":/mnt:z"), "cat /mnt/file")).isEqualTo("of the host\n");
        box(List.of("-v", folder + ":/mnt:ro:rw"), "/bin/true").hasStatus(mode().startsWith("P") ? 125 : 0);
    }

    @Test
    void the_callers_home_is_shown_and_is_the_home_when_it_is_wanted() {
        String home = berth.home().toString();
        assertThat(shell(List.of("--bindhome"), "echo $HOME; pwd; ls -A " + home))
                .startsWith(home + "\n" + home + "\n")
                .contains(".udocker");
        assertThat(shell("ls -A " + home + " 2>/dev/null || true")).isEmpty();
    }

    @Test
    void another_kernel_release_is_shown_or_refused() {
        only("P1 P2", List.of("--kernel=4.1.2-lab"), "uname -r", "4.1.2-lab\n");
        assertThat(berth.run("run", "--kernel", "4.1.2-lab", "box", "/bin/uname", "-r")
                        .hasStatus(0)
                        .out())
                .as("without a mode, one that can is taken")
                .isEqualTo("4.1.2-lab\n");
    }

    @Test
    void a_port_is_moved_or_refused_and_one_that_stays_holds_by_itself() throws IOException {
        int port = freePort();
        List<String> moved = List.of("-p", port + ":91");
        if (mode().startsWith("R")) {
            box(moved, "/bin/true").failedWith(125, mode() + " cannot map port 91", String.valueOf(port));
            Result result = box(List.of("--netcoop"), "/bin/true").hasStatus(0);
            assertThat(result.err()).contains("ports are not moved").hasLineCount(1);
        } else {
            Running running = start(berth, moved, "echo ready; echo through the port | timeout 60 nc -l -p 91");
            running.awaitOutput("ready");
            assertThat(answerOf(port)).isEqualTo("through the port\n");
            running.await().hasStatus(0);
            box(List.of("-P"), "/bin/true").hasStatus(0).isSilent();
        }
        box(List.of("-p", "18080:18080", "--publish=127.0.0.1:18081:18081/tcp"), "/bin/true")
                .hasStatus(0)
                .isSilent();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /// What whoever listens on the port says; waits until someone does.
    private static String answerOf(int port) {
        AtomicReference<String> answer = new AtomicReference<>("");
        Host.waitUntil("someone on port " + port, () -> {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                answer.set(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
                return true;
            } catch (IOException e) {
                return false;
            }
        });
        return String.valueOf(answer.get());
    }
}
