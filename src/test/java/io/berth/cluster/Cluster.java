package io.berth.cluster;

import io.berth.image.Platform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A throw-away Slurm cluster with a registry, made by `src/test/cluster/cluster.sh`: the tests' hands and eyes on it.
///
/// Commands run as the job user unless the name says `asRoot`. Everything ends by a time limit.
final class Cluster implements AutoCloseable {
    static final int UID = 20001;
    /// As seen on every node.
    static final String REGISTRY = "127.0.0.1:5000";

    static final String BUSYBOX = REGISTRY + "/berth/busybox";
    static final String OPENMPI = REGISTRY + "/berth/openmpi";
    static final String MPICH = REGISTRY + "/berth/mpich";

    private static final Path CHECKOUT = Path.of("").toAbsolutePath();
    private static final Path SCRIPTS = CHECKOUT.resolve("src/test/cluster");
    private static final Duration STEP = Duration.ofMinutes(2);
    private static final Duration JOB = Duration.ofMinutes(2);
    private static final long POLL_MILLIS = 50;
    private static final Pattern FIELD = Pattern.compile("(\\w+)=(\\S*)");
    private static final Pattern LOG_LINE =
            Pattern.compile("^(\\S+) .*?\"(GET|HEAD) (/v2/\\S*) HTTP/[0-9.]+\" ([0-9]{3}) ");

    private final Path base;
    private final Path distribution;

    private Cluster(Path base, Path distribution) {
        this.base = base;
        this.distribution = distribution;
    }

    /// @param status 128+n when killed by signal n
    /// @param output standard output and standard error, in their order
    record Outcome(int status, String output) {
        List<String> lines() {
            return output.lines().toList();
        }
    }

    /// @param state COMPLETED, FAILED, CANCELLED, ...
    /// @param exitCode of the batch script
    record Ended(String state, int exitCode, String output) {
        List<String> lines() {
            return output.lines().toList();
        }
    }

    /// One answered request of the registry's access log.
    record Request(String from, String path, int status) {
        boolean sentBlob() {
            return path.contains("/blobs/") && (status == 200 || status == 206);
        }

        String digest() {
            return path.substring(path.lastIndexOf('/') + 1);
        }
    }

    /// The packaged program that is tested.
    static Path distribution() {
        return Path.of(System.getProperty("berth.dist", CHECKOUT + "/target/dist/berth"));
    }

    /// The PRoot that comes with berth.
    static Path ownProot() {
        Path engines = distribution().resolve("libexec/engines");
        return engines.resolve("proot-" + Platform.machine());
    }

    /// Starts it and its registry, and fails plainly where that cannot be: nothing is skipped.
    ///
    /// @param settings variables of cluster.sh
    static Cluster up(int nodes, Map<String, String> settings, String... images) {
        Path distribution = distribution();
        require(Files.isExecutable(distribution.resolve("bin/berth")), distribution + " is missing: run 'mvn package'");
        Outcome packages = run(Map.of(), STEP, List.of(SCRIPTS + "/install.sh", "--check"));
        require(
                packages.status() == 0,
                "packages are missing, run src/test/cluster/install.sh: "
                        + packages.output().replace('\n', ' '));
        Outcome root = run(Map.of(), STEP, List.of("id", "-u"));
        require(root.output().strip().equals("0"), "the cluster's nodes are namespaces, which only root can make");
        Cluster cluster = new Cluster(freshFolder(), distribution);
        try {
            cluster.script(settings, "up", Integer.toString(nodes));
            cluster.script("registry", "start");
            cluster.script(
                    Stream.concat(Stream.of("images"), Arrays.stream(images)).toArray(String[]::new));
            return cluster;
        } catch (AssertionError e) {
            cluster.close();
            throw e;
        }
    }

    @Override
    public void close() {
        run(Map.of("CLUSTER_BASE", base.toString()), STEP, List.of(SCRIPTS + "/cluster.sh", "down"));
    }

    /// A command on this machine, in the checkout, that must succeed.
    static String machine(Duration limit, String... command) {
        Outcome outcome = run(Map.of(), limit, List.of(command));
        require(outcome.status() == 0, String.join(" ", command) + ": " + outcome.status() + ": " + outcome.output());
        return outcome.output();
    }

    /// A command of cluster.sh that must succeed.
    String script(String... words) {
        return script(Map.of(), words);
    }

    private String script(Map<String, String> settings, String... words) {
        Outcome outcome = raw(settings, words);
        require(
                outcome.status() == 0,
                "cluster.sh " + String.join(" ", words) + ": " + outcome.status() + ": " + outcome.output());
        return outcome.output();
    }

    private Outcome raw(Map<String, String> settings, String... words) {
        Map<String, String> environment = new TreeMap<>(settings);
        environment.put("CLUSTER_BASE", base.toString());
        List<String> command = new ArrayList<>(List.of(SCRIPTS + "/cluster.sh"));
        command.addAll(List.of(words));
        return run(environment, STEP, command);
    }

    // --- commands on nodes

    /// In the job user's home, which all nodes share.
    Outcome on(String node, String... command) {
        List<String> words = new ArrayList<>(List.of("exec", node));
        words.addAll(List.of(command));
        return raw(Map.of(), words.toArray(String[]::new));
    }

    Outcome asRoot(String node, String... command) {
        List<String> words = new ArrayList<>(List.of("exec", "-u", "root", node));
        words.addAll(List.of(command));
        return raw(Map.of(), words.toArray(String[]::new));
    }

    String berthProgram() {
        return distribution.resolve("bin/berth").toString();
    }

    /// `berth` on the head.
    Outcome berth(String... words) {
        List<String> command = new ArrayList<>(List.of(berthProgram()));
        command.addAll(List.of(words));
        return on("head", command.toArray(String[]::new));
    }

    /// srun on the head.
    Outcome srun(String... words) {
        List<String> command = new ArrayList<>(List.of("srun"));
        command.addAll(List.of(words));
        return on("head", command.toArray(String[]::new));
    }

    /// srun on the head, in the image, saying nothing itself.
    Outcome step(String image, String... words) {
        return srun(Stream.concat(Stream.of("--quiet", "--container-image=" + image), Arrays.stream(words))
                .toArray(String[]::new));
    }

    // --- jobs

    /// `berth job submit`, output to `job-ID.out`.
    ///
    /// @return the job's id
    String submit(String... words) {
        List<String> all = new ArrayList<>(List.of("job", "submit", "--output=job-%j.out"));
        all.addAll(List.of(words));
        Outcome outcome = berth(all.toArray(String[]::new));
        require(
                outcome.status() == 0 && outcome.output().strip().matches("[0-9]+"),
                "submitting " + all + ": " + outcome.status() + ": " + outcome.output());
        return outcome.output().strip();
    }

    /// Gives a script of the job user's home to sbatch.
    String sbatch(String script) {
        Outcome outcome = on("head", "sbatch", "--parsable", "--output=job-%j.out", script);
        require(outcome.status() == 0, "sbatch " + script + ": " + outcome.output());
        return outcome.output().strip();
    }

    /// Submits and waits for the end.
    Ended job(String... words) {
        return await(submit(words));
    }

    /// Waits for the job's end, whatever it is.
    Ended await(String id) {
        until(JOB, "job " + id + " ends", () -> hasEnded(id));
        Map<String, String> job = show(id);
        String exit = job.getOrDefault("ExitCode", "?:?");
        String signal = exit.substring(exit.indexOf(':') + 1);
        int status = signal.equals("0")
                ? Integer.parseInt(exit.substring(0, exit.indexOf(':')))
                : 128 + Integer.parseInt(signal);
        Path output = home().resolve("job-" + id + ".out");
        return new Ended(job.getOrDefault("JobState", "?"), status, Files.exists(output) ? read(output) : "");
    }

    private boolean hasEnded(String id) {
        return switch (state(id)) {
            case "PENDING", "RUNNING", "CONFIGURING", "COMPLETING", "REQUEUED", "SUSPENDED", "" -> false;
            default -> true;
        };
    }

    String state(String id) {
        return show(id).getOrDefault("JobState", "");
    }

    /// What `scontrol show job` says; array members are jobs `ID_INDEX`.
    Map<String, String> show(String id) {
        Outcome outcome = on("head", "scontrol", "--oneliner", "show", "job", id);
        Map<String, String> fields = new TreeMap<>();
        Matcher matcher = FIELD.matcher(outcome.output());
        while (matcher.find()) {
            fields.putIfAbsent(matcher.group(1), matcher.group(2));
        }
        return fields;
    }

    List<String> queue() {
        return on("head", "squeue", "--noheader", "--format=%A").lines();
    }

    void idle() {
        until(JOB, "the queue is empty", () -> queue().isEmpty());
    }

    // --- files

    /// The job user's home on the shared file system.
    Path home() {
        return base.resolve("home/hpcuser");
    }

    String home(String file) {
        return read(home().resolve(file));
    }

    boolean hasHome(String file) {
        return Files.exists(home().resolve(file));
    }

    /// Makes a file that ranks wait for; they see it in their working folder.
    void touch(String file) {
        require(on("head", "touch", file).status() == 0, "touching " + file);
    }

    /// The user's node-local repository, as this process sees it; not for nodes whose /tmp is a tmpfs.
    Path nodeFolder(String node) {
        return base.resolve("nodes/" + node + "/tmp/berth-" + UID);
    }

    Path registryData() {
        return base.resolve("registry/data/docker/registry/v2");
    }

    /// Everything below the node-local repository but the trees' insides and the locks, with inode and change time.
    List<String> staged(String node) {
        String here = "/tmp/berth-" + UID;
        return asRoot(
                        node,
                        "sh",
                        "-c",
                        "if [ -d " + here + " ]; then cd " + here
                                + " && find . -mindepth 2 -maxdepth 2 ! -path './leases/*' -printf '%P %i %T@\\n'"
                                + " && find . -mindepth 1 -maxdepth 1 -name '.*' ! -name '.facts-*' -printf '%P\\n'; fi")
                .lines()
                .stream()
                .sorted()
                .toList();
    }

    /// The same without inode and time: `images/DIGEST`, `jobs/ID.RESTART`, and whatever should not be there.
    List<String> stagedNames(String node) {
        return staged(node).stream().map(line -> line.split(" ")[0]).toList();
    }

    /// What the user's shared repository holds: images, blobs, and whatever should not be there.
    List<String> repository() {
        return on(
                        "head",
                        "sh",
                        "-c",
                        "if [ -d .udocker ]; then cd .udocker && find . ! -path './.berth*' ! -type d; fi")
                .lines()
                .stream()
                .sorted()
                .toList();
    }

    /// As if the user had never run berth, anywhere. No job may be alive.
    void forget(String... nodes) {
        idle();
        asRoot("head", "sh", "-c", "rm -rf " + home() + "/.udocker");
        for (String node : nodes) {
            asRoot(node, "sh", "-c", "rm -rf /tmp/berth-" + UID);
        }
    }

    // --- registry

    void clearLog() {
        script("registry", "clear");
    }

    List<Request> requests() {
        List<Request> requests = new ArrayList<>();
        for (String line : script("registry", "log").lines().toList()) {
            Matcher matcher = LOG_LINE.matcher(line);
            if (matcher.find() && matcher.group(2).equals("GET")) {
                requests.add(new Request(matcher.group(1), matcher.group(3), Integer.parseInt(matcher.group(4))));
            }
        }
        return requests;
    }

    /// Digests of the blobs that were sent, sorted, one for each time.
    List<String> blobsSent() {
        return requests().stream()
                .filter(Request::sentBlob)
                .map(Request::digest)
                .sorted()
                .toList();
    }

    /// The blobs of an image: its configuration and its layers, sorted.
    List<String> blobsOf(String image) {
        String manifest = on(
                        "head",
                        "curl",
                        "-sSf",
                        "-H",
                        "Accept: application/vnd.docker.distribution.manifest.v2+json",
                        "http://" + image.replaceFirst("/", "/v2/") + "/manifests/latest")
                .output();
        return Pattern.compile("sha256:[0-9a-f]{64}")
                .matcher(manifest)
                .results()
                .map(result -> result.group())
                .sorted()
                .toList();
    }

    // --- waiting

    /// Polls a condition; fails when it does not come true in time.
    static void until(Duration limit, String what, BooleanSupplier condition) {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            require(System.nanoTime() < end, "waited " + limit.toSeconds() + " s in vain until " + what);
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting until " + what, e);
            }
        }
    }

    /// Names in a folder that may not exist.
    static List<String> names(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> String.valueOf(entry.getFileName()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }

    private static Path freshFolder() {
        try {
            return Files.createTempDirectory("berth-it-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Runs a command of this machine; its output goes through a file, since daemons may keep a pipe open.
    private static Outcome run(Map<String, String> environment, Duration limit, List<String> words) {
        try {
            Path output = Files.createTempFile("berth-it-", ".out");
            try {
                ProcessBuilder builder = new ProcessBuilder(words)
                        .directory(CHECKOUT.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .redirectInput(Path.of("/dev/null").toFile());
                builder.environment().putAll(environment);
                Process process = builder.start();
                if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroy();
                    throw new AssertionError(
                            "no end after " + limit.toSeconds() + " s: " + words + ": " + Files.readString(output));
                }
                return new Outcome(process.exitValue(), new String(Files.readAllBytes(output), StandardCharsets.UTF_8));
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted: " + words, e);
        }
    }
}
