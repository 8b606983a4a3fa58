package io.berth.dist;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.dist.TestRegistry.Blob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Each command that changes a repository, killed or out of room at its n-th change of a file (src/test/c/cut.c counts
/// them): what is left is valid, in the old state or the new one, every command works on it, and the command can be
/// given again.
///
/// `-Dberth.cut.all=true` tries every n instead of some.
@ExtendWith(Lab.Provider.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class CutIT {
    private static final int LAST_STEPS = 5;
    private static final int OTHER_STEPS = 6;

    /// In memory: what is tried is the order of calls, not the disk.
    private static Path memory;

    private static Path library;
    private static Path archive;
    private static Path images;
    private static String pulled;
    private static Berth berth;

    /// A command, and what the repository must be like to begin with.
    enum Scenario {
        PULL("pull @pulled"),
        CREATE("create --name=new lab/base:1"),
        IMPORT("import @archive lab/imported:1"),
        IMPORT_TO_CONTAINER("import --tocontainer --name=new @archive"),
        LOAD("load -i @images"),
        CLONE("clone --name=new old"),
        TAG("tag lab/base:1 lab/second:1"),
        NAME("name old2 another"),
        RENAME("rename old2 other"),
        REMOVE("rm old"),
        REMOVE_IMAGE("rmi lab/second:2");

        private final String words;

        Scenario(String words) {
            this.words = words;
        }

        String[] words() {
            return Stream.of(words.split(" "))
                    .map(word -> switch (word) {
                        case "@pulled" -> pulled;
                        case "@archive" -> archive.toString();
                        case "@images" -> images.toString();
                        default -> word;
                    })
                    .toArray(String[]::new);
        }
    }

    @BeforeAll
    static void prepare(Lab lab) throws IOException {
        memory = Files.createTempDirectory(Path.of("/dev/shm"), "berth-cut-");
        Host.giveToUser(memory);
        Path folder = lab.folder("cut");
        library = folder.resolve("libcut.so");
        Host.run(
                "gcc",
                "-std=gnu11",
                "-O1",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-shared",
                "-fPIC",
                "-o",
                library.toString(),
                "src/test/c/cut.c",
                "-ldl");
        Blob one = TestRegistry.layer(tar -> TestRegistry.file(tar, "one", new byte[70_000]));
        Blob two = TestRegistry.layer(tar -> TestRegistry.file(tar, "d/two", new byte[3_000]));
        lab.registry().push("berth/cut", "\"Cmd\":[\"sh\"]", one, two);
        pulled = lab.registry().address() + "/berth/cut";
        Files.createDirectories(folder.resolve("tree/etc"));
        Files.writeString(folder.resolve("tree/etc/motd"), "hello");
        archive = folder.resolve("tree.tar");
        Host.run("tar", "-cf", archive.toString(), "-C", folder.resolve("tree").toString(), ".");

        berth = lab.user();
        berth.succeed("import", archive.toString(), "lab/base:1");
        berth.succeed("create", "--name=old", "lab/base:1");
        berth.succeed("create", "--name=old2", "lab/base:1");
        berth.succeed("import", other(folder).toString(), "lab/second:2");
        Berth other = lab.user();
        other.succeed("import", archive.toString(), "lab/loaded:1");
        other.succeed("pull", pulled);
        images = other.home().resolve("images.tar");
        other.succeed("save", "-o", images.toString(), "lab/loaded:1", pulled);
        Host.run("chmod", "-R", "a+rX", other.home().toString());
    }

    @AfterAll
    static void remove() {
        Host.run("rm", "-rf", memory.toString());
    }

    /// An archive whose image shares no blob with others.
    private static Path other(Path folder) throws IOException {
        Files.writeString(folder.resolve("tree/etc/motd"), "good day");
        Path other = folder.resolve("other.tar");
        Host.run("tar", "-cf", other.toString(), "-C", folder.resolve("tree").toString(), ".");
        return other;
    }

    /// A copy of the prepared repository for one try.
    private static Path copy() {
        Path copy = memory.resolve("try");
        Host.run("rm", "-rf", copy.toString());
        Host.run("cp", "-a", berth.repository().toString(), copy.toString());
        return copy;
    }

    private static Berth on(Path repository) {
        return berth.with("BERTH_DIR", repository.toString());
    }

    private static Berth cutting(Path repository, Path log, int at, String how) {
        return on(repository)
                .with("LD_PRELOAD", library.toString())
                .with("CUT_UNDER", repository.toString())
                .with("CUT_LOG", log.toString())
                .with("CUT_AT", String.valueOf(at))
                .with("CUT_HOW", how);
    }

    private static Path log() throws IOException {
        Path log = memory.resolve("cut.log");
        Files.deleteIfExists(log);
        return log;
    }

    /// The states before and after, and the calls between them.
    private record Clean(SortedSet<String> before, SortedSet<String> after, List<String> calls) {}

    private static Clean clean(Scenario scenario) throws IOException {
        Path repository = copy();
        Path log = log();
        SortedSet<String> before = new RepositoryCheck(repository).valid();
        cutting(repository, log, 0, "").succeed(scenario.words());
        SortedSet<String> after = new RepositoryCheck(repository).valid();
        assertThat(after).as("%s changes something", scenario).isNotEqualTo(before);
        return new Clean(before, after, Files.readAllLines(log));
    }

    private static List<Integer> steps(int calls) {
        if (Boolean.getBoolean("berth.cut.all")) {
            return IntStream.rangeClosed(1, calls).boxed().toList();
        }
        TreeSet<Integer> steps = new TreeSet<>();
        IntStream.rangeClosed(Math.max(1, calls - LAST_STEPS + 1), calls).forEach(steps::add);
        IntStream.range(0, OTHER_STEPS).forEach(i -> steps.add(1 + i * calls / OTHER_STEPS));
        return List.copyOf(steps);
    }

    @ParameterizedTest
    @EnumSource
    void killed_anywhere_it_leaves_the_old_state_or_the_new_one(Scenario scenario) throws IOException {
        Clean clean = clean(scenario);
        for (int at : steps(clean.calls().size())) {
            Path repository = copy();
            Result result = cutting(repository, log(), at, "kill").run(scenario.words());
            assertThat(result.status()).as("at %d: %s", at, result).isIn(137, 0);
            afterwards(scenario, clean, repository, scenario + " killed at " + at + ", " + call(clean, at));
        }
    }

    @ParameterizedTest
    @EnumSource
    void out_of_room_anywhere_it_says_so_and_leaves_the_old_state_or_the_new_one(Scenario scenario) throws IOException {
        Clean clean = clean(scenario);
        for (int at : steps(clean.calls().size())) {
            Path repository = copy();
            Result result = cutting(repository, log(), at, "full").run(scenario.words());
            String what = scenario + " out of room at " + at + ", " + call(clean, at);
            if (result.status() != 0) {
                assertThat(result.status()).as("%s: %s", what, result).isEqualTo(1);
                assertThat(result.err())
                        .as(what)
                        .containsIgnoringCase("no space left")
                        .hasLineCount(2);
            }
            afterwards(scenario, clean, repository, what);
        }
    }

    private static String call(Clean clean, int at) {
        return at <= clean.calls().size() ? clean.calls().get(at - 1) : "";
    }

    private static void afterwards(Scenario scenario, Clean clean, Path repository, String what) throws IOException {
        SortedSet<String> state = new RepositoryCheck(repository).valid();
        if (scenario == Scenario.LOAD) {
            // each of its two images for itself
            assertThat(state).as(what).containsAll(clean.before());
            assertThat(clean.after()).as(what).containsAll(state);
        } else {
            assertThat(state).as(what).isIn(clean.before(), clean.after());
        }
        on(repository).succeed("ps");
        on(repository).succeed("images");
        on(repository).succeed("verify", "--all");
        makeOld(repository);
        Result again = on(repository).run(scenario.words());
        assertThat(again.status()).as("%s, then again: %s", what, again).isIn(0, 1);
        assertThat(again.status() == 0 || state.equals(clean.after()))
                .as("%s, then again: %s", what, again)
                .isTrue();
        assertThat(new RepositoryCheck(repository).valid()).as(what).isEqualTo(clean.after());
        on(repository).succeed("import", "--tocontainer", archive.toString());
        assertThat(Stream.of("containers", "layers").flatMap(name -> Host.names(repository.resolve(name)).stream()))
                .as("%s: leftovers", what)
                .noneMatch(name -> name.startsWith("."));
    }

    /// What was made a moment ago may still be somebody's.
    private static void makeOld(Path repository) throws IOException {
        for (String folder : List.of("containers", "layers")) {
            for (String name : Host.names(repository.resolve(folder))) {
                if (name.startsWith(".draft-")) {
                    Files.setLastModifiedTime(
                            repository.resolve(folder).resolve(name),
                            FileTime.from(Instant.now().minusSeconds(60)));
                }
            }
        }
    }

    /// A power cut: what a name promises is on the device before the name is.
    @ParameterizedTest
    @EnumSource
    void a_file_is_on_the_device_before_it_gets_its_name(Scenario scenario) throws IOException {
        Map<String, String> last = new HashMap<>();
        List<String> hasty = new ArrayList<>();
        for (String line : clean(scenario).calls()) {
            String[] words = line.split(" ");
            if (words[1].equals("rename") && List.of("write", "create").contains(last.getOrDefault(words[2], ""))) {
                hasty.add(line);
            }
            last.put(words[2], words[1]);
        }
        assertThat(hasty).isEmpty();
    }

    /// The same for the files of a container's tree, which are too many to be flushed one by one.
    @ParameterizedTest
    @EnumSource(names = {"CREATE", "CLONE", "IMPORT_TO_CONTAINER"})
    void a_tree_is_on_the_device_before_the_container_can_be_seen(Scenario scenario) throws IOException {
        Path trace = berth.home().resolve("trace");
        on(copy())
                .after("exec strace -f --seccomp-bpf -qqq -z -e trace=syncfs,rename -o " + trace + " \"$@\"")
                .succeed(scenario.words());

        assertThat(Files.readAllLines(trace))
                .filteredOn(call -> call.matches(".*(syncfs\\(|rename\\(\"[^\"]*/\\.draft-[^/\"]*\").*"))
                .satisfiesExactly(
                        flush -> assertThat(flush).contains("syncfs("),
                        show -> assertThat(show).contains("rename("));
    }
}
