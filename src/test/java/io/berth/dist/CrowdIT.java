package io.berth.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Many processes at once on one repository, each doing what comes to its mind.
@ExtendWith(Lab.Provider.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class CrowdIT {
    private static final int PROCESSES = 32;
    private static final Duration TIME = Duration.ofSeconds(25);
    private static final long SEED = 20261126;

    private Berth berth;
    private Path archive;
    private Path images;
    private Path out;

    @BeforeEach
    void prepare(Lab lab) throws IOException {
        berth = lab.user();
        Path folder = lab.folder("crowd");
        Path tree = folder.resolve("tree");
        Files.createDirectories(tree.resolve("a/b"));
        Files.write(tree.resolve("a/b/file"), new byte[200_000]);
        archive = folder.resolve("tree.tar");
        Host.run("tar", "-czf", archive.toString(), "-C", tree.toString(), ".");
        Berth other = lab.user();
        other.succeed("import", archive.toString(), "lab/a:1");
        other.succeed("import", archive.toString(), "lab/b:1");
        images = other.home().resolve("images.tar");
        other.succeed("save", "-o", images.toString(), "lab/a:1", "lab/b:1");
        Host.run("chmod", "-R", "a+rX", other.home().toString());
        out = Files.createDirectory(berth.home().resolve("out"));
        Host.giveToUser(out);
        berth.succeed("import", archive.toString(), "lab/base:1");
    }

    private List<String> command(Random random, int worker) {
        String name = "n" + random.nextInt(6);
        String image = "lab/" + (char) ('a' + random.nextInt(4)) + ":1";
        return switch (random.nextInt(18)) {
            case 0, 1 -> List.of("create", "--name=" + name, random.nextBoolean() ? "lab/base:1" : image);
            case 2, 3 -> List.of("rm", name);
            case 4 -> List.of("import", archive.toString(), image);
            case 5 -> List.of("import", "--tocontainer", "--name=" + name, archive.toString());
            case 6 -> List.of("load", "-i", images.toString());
            case 7 -> List.of("export", "-o", out + "/e" + worker, name);
            case 8 -> List.of("ps");
            case 9, 10 -> List.of("rmi", image);
            case 11 ->
                List.of(
                        "tag",
                        random.nextBoolean() ? image : "lab/base:1",
                        "lab/" + (char) ('a' + random.nextInt(4)) + ":1");
            case 12 -> List.of("clone", "--name=" + name, "n" + random.nextInt(6));
            case 13 -> List.of("rename", name, "n" + random.nextInt(6));
            case 14 -> List.of(random.nextInt(4) == 0 ? "protect" : "unprotect", random.nextBoolean() ? name : image);
            case 15 -> List.of("verify", image);
            case 16 -> List.of("save", "-o", out + "/s" + random.nextLong(), image);
            default -> List.of("images");
        };
    }

    @Test
    void a_crowd_of_processes_leaves_a_valid_repository() throws Exception {
        Queue<String> wrong = new ConcurrentLinkedQueue<>();
        Queue<String> done = new ConcurrentLinkedQueue<>();
        long end = System.nanoTime() + TIME.toNanos();
        List<Thread> crowd = new ArrayList<>();
        for (int i = 0; i < PROCESSES; i++) {
            int worker = i;
            crowd.add(Thread.ofPlatform().start(() -> {
                Random random = new Random(SEED + worker);
                while (System.nanoTime() < end) {
                    List<String> words = command(random, worker);
                    Result result = berth.run(words.toArray(String[]::new));
                    (isInOrder(words, result) ? done : wrong).add(words.getFirst() + " " + result);
                }
            }));
        }
        for (Thread one : crowd) {
            one.join();
        }
        assertThat(wrong).isEmpty();
        assertThat(done).hasSizeGreaterThan(PROCESSES);
        assertThat(new RepositoryCheck(berth.repository()).valid()).isNotEmpty();
        berth.succeed("ps");
        berth.succeed("images");
        berth.succeed("verify", "--all");
        berth.succeed("create", "--name=after", "lab/base:1");
    }

    /// It did it, or says in one message that something is missing, taken or gone meanwhile.
    private static boolean isInOrder(List<String> words, Result result) {
        if (result.status() == 0) {
            return true;
        }
        boolean oneMessage = result.err().startsWith("berth: ")
                && result.err().lines().count() <= 2
                && !result.err().contains("Exception");
        return result.status() == 1 && oneMessage && !List.of("ps", "images").contains(words.getFirst());
    }
}
