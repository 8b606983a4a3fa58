package io.berth.dist;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;

/// `berth run` as shipped, in each mode. The cases are in the classes that extend it.
@ExtendWith(Lab.Provider.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
abstract class RunCases {
    /// Prints each argument and a NUL.
    static final List<String> PRINT = List.of("/bin/sh", "-c", "for a; do printf '%s\\0' \"$a\"; done", "sh");

    static Lab lab;
    static Berth berth;
    static String app;

    /// A mode, and for R1 also what makes it: `R1/crun`.
    @Parameter
    String way = "";

    /// The mode alone.
    String mode() {
        return way.substring(0, 2);
    }

    boolean isByRuntime() {
        return way.length() > 2;
    }

    List<String> modeOptions() {
        return isByRuntime()
                ? List.of("--mode=" + mode(), "--engine=" + way.substring(3))
                : List.of("--mode=" + mode());
    }

    @BeforeAll
    static void share(Lab given) {
        lab = given;
        TestRegistry registry = given.registry();
        berth = given.user();
        berth.succeed("pull", registry.address() + "/berth/busybox");
        berth.succeed("create", "--name=box", registry.address() + "/berth/busybox");
        registry.push(
                "berth/app",
                """
                "Env":["PATH=/bin:/opt/bin","GREETING=from the image","OMP_NUM_THREADS=1"],"WorkingDir":"/srv",
                "Entrypoint":["/bin/echo","entry"],"Cmd":["default","words"]""",
                TestRegistry.busyboxLayer(),
                TestRegistry.layer(tar -> TestRegistry.file(tar, "srv/here", new byte[1])));
        app = registry.address() + "/berth/app";
        berth.succeed("pull", app);
        berth.succeed("create", "--name=app", app);
    }

    String[] words(List<String> options, String container, List<String> command) {
        List<String> words = new ArrayList<>(List.of("run"));
        words.addAll(modeOptions());
        words.addAll(options);
        words.add(container);
        words.addAll(command);
        return words.toArray(String[]::new);
    }

    Result box(String... command) {
        return box(berth, command);
    }

    Result box(Berth by, String... command) {
        return by.run(words(List.of(), "box", List.of(command)));
    }

    Result box(List<String> options, String... command) {
        return berth.run(words(options, "box", List.of(command)));
    }

    Running start(Berth by, List<String> options, String script) {
        return by.start(words(options, "box", List.of("/bin/sh", "-c", script)));
    }

    String shell(String script) {
        return box("/bin/sh", "-c", script).hasStatus(0).out();
    }

    String shell(Berth by, String script) {
        return box(by, "/bin/sh", "-c", script).hasStatus(0).out();
    }

    String shell(List<String> options, String script) {
        return box(options, "/bin/sh", "-c", script).hasStatus(0).out();
    }

    static final String COUNT_TERMS =
            "trap 'echo TERM' TERM; echo ready; i=0; while [ $i -lt 15 ]; do sleep 0.1; i=$((i+1)); done; exit 43";

    Path shared(String name) throws IOException {
        Path folder = Files.createDirectories(lab.folder("shared").resolve(name));
        Files.writeString(folder.resolve("file"), "of the host\n");
        Host.giveToUser(folder);
        return folder;
    }

    List<String> containers() {
        return Host.names(berth.repository().resolve("containers"));
    }

    /// Asserts that the options do what they say in one mode and are refused in the other.
    void only(String able, List<String> options, String script, String wanted) {
        Result result = box(options, "/bin/sh", "-c", script);
        if (able.contains(mode())) {
            result.hasStatus(0).wrote(wanted);
        } else {
            result.failedWith(125, mode() + " cannot");
        }
    }
}
