package io.berth.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Which mode is taken on machines that are set up against containers: what is missing is really missing here.
@ExtendWith(Lab.Provider.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class RestrictedIT {
    private static Lab lab;
    private static String deny;
    private static String image;

    @BeforeAll
    static void share(Lab given) {
        lab = given;
        Path program = given.folder("deny").resolve("deny");
        Host.run("gcc", "-std=c11", "-D_GNU_SOURCE", "-O1", "-o", program.toString(), "src/test/c/deny.c");
        deny = program.toString();
        image = given.registry().address() + "/berth/busybox";
    }

    /// A user with a container `box` on a machine that lacks something.
    private static Berth without(String what) {
        Berth user = lab.user();
        user.succeed("pull", image);
        user.succeed("create", "--name=box", image);
        return user.after("set -- '" + deny + "' " + what + " -- \"$@\"");
    }

    private static String explain(Berth berth) {
        return berth.succeed("explain", "box", "/bin/true").out();
    }

    @Test
    void without_user_namespaces_it_is_proot() {
        Berth berth = without("userns");
        assertThat(explain(berth))
                .startsWith("mode P1\n  because it is the first in the order of 'berth run' that can")
                .contains("\n  not R1: making a user and a mount namespace: Operation not permitted (status 125)\n");
        berth.run("run", "box", "/bin/echo", "ran").hasStatus(0).wrote("ran\n");
        berth.run("run", "--mode=R1", "box", "/bin/true").failedWith(125, "making a user and a mount namespace");
        berth.run("run", "--engine=crun", "box", "/bin/true").failedWith(125, "R1: making a user");
        Berth jobs = berth.with("BERTH_MODE_ORDER", "R P");
        assertThat(explain(jobs))
                .startsWith("mode P1\n  because it is the first in the order of mode_order (BERTH_MODE_ORDER)")
                .contains("\n  not S1: is not in the order of mode_order");
    }

    @Test
    void without_ptrace_it_is_a_namespace() {
        Berth berth = without("ptrace");
        assertThat(explain(berth)).startsWith("mode R1\n").contains("\n  not P1: ", "ptrace(TRACEME)");
        berth.run("run", "box", "/bin/echo", "ran").hasStatus(0).wrote("ran\n");
        berth.run("run", "--mode=P2", "box", "/bin/true").failedWith(125, "P2: ", "ptrace");
        berth.run("run", "--kernel=4.1.2", "box", "/bin/true").failedWith(125, "R1", "cannot show another kernel");
    }

    @Test
    void without_both_the_reasons_are_told() {
        Berth berth = without("userns,ptrace").with("BERTH_MODE_ORDER", "R P");
        berth.run("run", "box", "/bin/true")
                .failedWith(125, "R1, R2, R3: making a user and a mount namespace", "P1, P2: ", "ptrace");
    }

    @Test
    void without_seccomp_filters_proot_stops_at_every_call() {
        Berth berth = without("filter").with("BERTH_MODE_ORDER", "P R");
        assertThat(explain(berth)).startsWith("mode P2\n").contains("\n  not P1: ");
        berth.run("run", "box", "/bin/echo", "ran").hasStatus(0).wrote("ran\n");
    }

    @Test
    void on_a_noexec_file_system_no_program_starts_and_that_is_said_before() {
        Berth user = lab.user();
        Berth berth = user.afterRoot("mount -t tmpfs -o noexec,mode=0777 none '" + user.home() + "'");
        berth.run("run", image, "/bin/true").failedWith(125, "none works", "Permission denied");
    }
}
