package io.berth.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The folder that is shipped: where it may lie, who may use it, what its commands say.
@ExtendWith(Lab.Provider.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class DistIT {
    private static final String VERSION =
            "version: " + System.getProperty("berth.version") + "\ntarball: \ntarball_release: 1.2.11\n";
    private static final String IMAGE_FILE = "/etc/os-release";

    private static Lab lab;
    private static Path dist;
    private static String image;

    @BeforeAll
    static void share(Lab given) {
        lab = given;
        dist = given.dist();
        image = given.registry().address() + "/berth/busybox";
    }

    /// A pull, a list, a container and a program in it: what needs every part of the distribution.
    private static void usesEverything(Berth berth) {
        berth.succeed("version").wrote(VERSION);
        berth.succeed("pull", image);
        String id = berth.succeed("create", "--name=box", image).out().strip();
        assertThat(berth.succeed("ps").out()).contains(id, "['box']");
        assertThat(berth.succeed("run", "box", "/bin/cat", IMAGE_FILE).out()).contains("berth test busybox");
        berth.succeed("rm", "box");
    }

    @Test
    void it_needs_no_java_on_the_machine() {
        String hide = "for d in /usr/lib/jvm '" + System.getProperty("java.home") + "'; do"
                + " [ ! -d \"$d\" ] || mount -t tmpfs none \"$d\"; done; ! command -v java";
        usesEverything(lab.user().afterRoot(hide));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bash-completion/completions/berth",
                "bash-completion/completions/udocker",
                "zsh/site-functions/_berth",
                "fish/vendor_completions.d/berth.fish",
                "fish/vendor_completions.d/udocker.fish"
            })
    void it_brings_completion(String file) throws IOException {
        String shell = file.substring(0, file.indexOf('/')).replace("-completion", "");
        lab.user()
                .succeed("completion", shell)
                .wrote(Files.readString(dist.resolve("share").resolve(file)));
    }

    @Test
    void it_brings_the_manual_where_man_finds_it_by_the_path() {
        String path = dist.resolve("bin") + ":/usr/bin:/bin";
        for (String page : List.of("berth", "udocker", "berth-run", "berth-job-script")) {
            assertThat(Host.run("env", "-i", "PATH=" + path, "man", "-P", "cat", page))
                    .contains("SYNOPSIS", "berth " + System.getProperty("berth.version"));
        }
    }

    @Test
    void it_runs_from_a_read_only_folder() {
        Path place = lab.folder("readonly");
        Berth berth = lab.user()
                .program(place.resolve("bin/berth"))
                .afterRoot("mount --bind '" + dist + "' '" + place + "'; mount -o remount,bind,ro '" + place + "';"
                        + " ! touch '" + place + "/lib/new' 2>/dev/null");
        usesEverything(berth);
    }

    @Test
    void it_runs_when_copied_elsewhere_and_through_links() throws IOException {
        Path place = lab.folder("a place with blanks");
        Host.run("cp", "-a", dist.toString(), place + "/it");
        usesEverything(lab.user().program(place.resolve("it/bin/berth")));
        Path link = Files.createSymbolicLink(place.resolve("other-name"), place.resolve("it/bin/berth"));
        lab.user().program(link).succeed("version").wrote(VERSION);
        Path folder = Files.createSymbolicLink(place.resolve("current"), place.resolve("it"));
        lab.user().program(folder.resolve("bin/berth")).succeed("version").wrote(VERSION);
    }

    @Test
    void it_runs_from_any_folder_even_one_that_is_not_readable() {
        lab.user().in(Path.of("/")).succeed("version").wrote(VERSION);
        lab.user().in(Path.of("/proc/self")).succeed("version").wrote(VERSION);
        lab.user().in(Path.of("/root")).succeed("version").wrote(VERSION);
    }

    @Test
    void a_folder_that_is_gone_is_one_message() {
        Berth berth = lab.user().after("mkdir gone; cd gone; rmdir ../gone");
        berth.run("ps").failedWith(125, "working directory");
        berth.run("run", "box", "/bin/true").failedWith(125, "working directory");
    }

    @Test
    void it_runs_for_a_user_without_a_name_and_a_home() {
        lab.user().after("unset HOME USER LC_ALL PATH").succeed("version").wrote(VERSION);
    }

    @Test
    void names_beyond_ascii_work_in_the_c_locale() throws IOException {
        Berth berth = lab.user().with("LC_ALL", "C");
        berth.succeed("pull", image);
        Path shared = Files.createDirectory(berth.home().resolve("shared"));
        Host.run(
                "bash",
                "-c",
                "cd '" + shared + "'; d=$(printf 'caf\\303\\251'); mkdir \"$d\"; echo gr\\u00fcn > \"$d\"/file");
        Berth inside = berth.after("d=$(printf 'caf\\303\\251'); set -- \"$@\" \"--volume=$PWD/shared/$d:/data/$d\""
                + " '" + image + "' /bin/cat \"/data/$d/file\"");
        assertThat(inside.succeed("run", "--rm").out()).startsWith("gr");
    }

    @Test
    void the_cache_is_accepted_with_the_options_of_the_front() {
        Berth strict = lab.user().with("BERTH_JAVA_OPTS", "-XX:AOTMode=on");
        strict.succeed("version").wrote(VERSION);
        strict.succeed("pull", "--help");
    }

    @Test
    void the_cache_of_the_unpacked_archive_is_accepted_too() {
        lab.user()
                .program(unpackedArchive().resolve("bin/berth"))
                .with("BERTH_JAVA_OPTS", "-XX:AOTMode=on")
                .succeed("version")
                .wrote(VERSION);
    }

    @Test
    void jar_cache_and_front_carry_one_build_id_that_is_the_digest_of_the_jar() throws IOException {
        List<String> files = Host.names(dist.resolve("lib")).stream()
                .filter(name -> name.startsWith("berth-"))
                .toList();
        assertThat(files).hasSize(3);
        String jar = files.getLast();
        assertThat(jar).matches("berth-[0-9a-f]{12}\\.jar");
        String id = jar.substring("berth-".length(), jar.length() - ".jar".length());
        assertThat(files).contains("berth-" + id + ".aot", "berth-" + id + "-quick.aot");
        assertThat(TestRegistry.digest(Files.readAllBytes(dist.resolve("lib").resolve(jar))))
                .startsWith("sha256:" + id);
        String front = Files.readString(dist.resolve("bin/berth"), StandardCharsets.ISO_8859_1);
        assertThat(front).contains("/lib/berth-" + id);
        assertThat(Host.run(dist + "/libexec/berth-exec", "--version")).contains("build " + id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"truncate -s 5000000", "truncate -s 0", "cp /dev/stdin", "rm -f"})
    void a_damaged_or_missing_cache_only_makes_it_slower(String damage) {
        Path place = lab.folder("damaged");
        Host.run("cp", "-a", dist.toString(), place + "/it");
        String each = "for f in '" + place + "'/it/lib/berth-*.aot; do head -c 100000 /dev/urandom | " + damage;
        Host.run("bash", "-c", each + " \"$f\"; done");
        Berth berth = lab.user().program(place.resolve("it/bin/berth"));
        Result result = berth.succeed("version").wrote(VERSION);
        assertThat(result.err()).isEmpty();
        if (!damage.startsWith("rm")) {
            assertThat(berth.with("BERTH_JAVA_OPTS", "-XX:AOTMode=on")
                            .run("version")
                            .status())
                    .as("the JVM notices")
                    .isEqualTo(1);
        }
    }

    /// A JVM writes one such file each.
    private static List<String> machines(Berth berth) throws IOException {
        Path seen = berth.home().resolve("seen");
        List<String> names = Host.names(seen);
        for (String name : names) {
            Files.delete(seen.resolve(name));
        }
        return names;
    }

    @Test
    void little_work_is_done_by_the_java_that_starts_soonest_and_much_by_another() throws IOException {
        Berth plain = lab.user();
        Host.run("install", "-d", "-m", "777", plain.home().resolve("seen").toString());
        Berth berth = plain.with("BERTH_JAVA_OPTS", "-Xlog:init:file=" + plain.home() + "/seen/java-%p.log");
        plain.succeed("pull", image);
        plain.succeed("create", "--name=little", image);
        String few = plain.home() + "/few.tar";
        berth.succeed("export", "-o", few, "little");
        assertThat(machines(berth)).as("a small container").hasSize(1);
        berth.succeed("import", few, "few");
        assertThat(machines(berth)).as("a small archive").hasSize(1);
        berth.succeed("create", "few");
        assertThat(machines(berth)).as("a small image").hasSize(1);
        berth.after("exec < '" + few + "'").succeed("import", "-", "piped");
        assertThat(machines(berth)).as("who knows how much comes").hasSize(2);
        plain.succeed("verify", "piped");

        String many = plain.succeed("inspect", "-p", "little").out().strip() + "/many";
        plain.after("mkdir '" + many + "'; cd '" + many + "'; seq 2100 | xargs touch; cd")
                .succeed("version");
        berth.succeed("clone", "--name=much", "little");
        assertThat(machines(berth)).as("many files").hasSize(2);
        berth.succeed("export", "-o", plain.home() + "/many.tar", "much");
        assertThat(machines(berth)).as("many files").hasSize(2);
        assertThat(Host.run("tar", "-tf", plain.home() + "/many.tar").lines()).contains("./many/2100");
    }

    @Test
    void called_as_udocker_it_calls_itself_so() {
        Berth udocker = lab.user().program(dist.resolve("bin/udocker"));
        udocker.run("frobnicate").failedAs("udocker", 2, "frobnicate");
        udocker.run("rm", "nothing").failedAs("udocker", 1, "nothing");
        assertThat(udocker.succeed("--help").out()).startsWith("Usage: udocker ");
    }

    @Test
    void every_command_explains_itself() {
        Berth berth = lab.user();
        String all = berth.succeed("--help").out();
        for (String command :
                List.of("version", "pull", "create", "run", "explain", "images", "ps", "rm", "job", "node")) {
            assertThat(all).containsPattern("(?m)^  " + command + " ");
            assertHelps(berth, command);
        }
        for (String command : List.of("script", "submit", "run")) {
            assertHelps(berth, "job", command);
        }
        for (String command : List.of("prepare", "release", "probe")) {
            assertHelps(berth, "node", command);
        }
        assertThat(berth.repository()).as("asking for help makes nothing").doesNotExist();
    }

    /// An option of the whole program makes the front start Java, which says the same.
    private static void assertHelps(Berth berth, String... words) {
        String[] asked = Stream.concat(Stream.of(words), Stream.of("--help")).toArray(String[]::new);
        Result result = berth.succeed(asked);
        assertThat(result.out()).startsWith("Usage: berth " + String.join(" ", words));
        assertThat(result.err()).isEmpty();
        String[] quiet = Stream.concat(Stream.of("-q"), Stream.of(asked)).toArray(String[]::new);
        berth.succeed(quiet).wrote(result.out());
    }

    @Test
    void help_and_completion_start_no_java() {
        String hide = "mount -t tmpfs none '" + dist.resolve("runtime") + "'";
        Berth berth = lab.user().afterRoot(hide);
        berth.run("version").failedWith(125, "runtime");
        String all = berth.succeed("help").out();
        assertThat(all).startsWith("Usage: berth ");
        berth.succeed("--help").wrote(all);
        berth.succeed().wrote(all);
        String script = berth.succeed("job", "script", "--help").out();
        assertThat(script).startsWith("Usage: berth job script ");
        berth.succeed("help", "job", "script").wrote(script);
        assertThat(berth.program(dist.resolve("bin/udocker"))
                        .succeed("run", "--help")
                        .out())
                .startsWith("Usage: udocker run ");
        assertThat(berth.succeed("completion", "zsh").out()).startsWith("#compdef berth");
    }

    @ParameterizedTest
    @ValueSource(strings = {"help", "showconf"})
    void output_that_does_not_arrive_is_a_failure(String command) {
        lab.user().after("exec > /dev/full").run(command).failedWith(1, "standard output: No space left on device");
    }

    @Test
    void a_reader_that_has_seen_enough_is_none() {
        lab.user().after("exec > >(true); sleep 0.2").succeed("showconf").wrote("");
    }

    @Test
    void wrong_usage_is_one_line_and_a_hint() {
        Berth berth = lab.user();
        berth.run("frobnicate").failedWith(2, "frobnicate");
        berth.run("--frobnicate").failedWith(2, "--frobnicate");
        berth.run("--repo").failedWith(2, "--repo");
        berth.run("images", "surplus").failedWith(2, "surplus");
        for (String command : List.of("pull", "create", "rm", "explain")) {
            berth.run(command, "--frobnicate", "x").failedWith(2, "reading the command line", "--frobnicate");
            assertThat(berth.run(command)
                            .failedWith(2, "reading the command line")
                            .err())
                    .as("a missing argument is named")
                    .containsPattern("(?i)missing required parameter|neither a container nor an image is named");
        }
        berth.run("pull", "a", "b").failedWith(2, "b");
        berth.run("pull", "UPPER/CASE").failedWith(2, "UPPER/CASE");
        berth.run("pull", "--platform=beos", "a").failedWith(2, "beos");
        assertThat(berth.repository()).as("wrong usage makes nothing").doesNotExist();
    }

    @Test
    void wrong_usage_of_run_cannot_be_taken_for_the_programs_status() {
        Berth berth = lab.user();
        berth.run("run").failedWith(125, "reading the command line", "neither a container nor an image is named");
        berth.run("run", "--frobnicate", "x").failedWith(125, "--frobnicate");
        berth.run("run", "--volume=relative:/x", "x").failedWith(125, "relative");
        berth.run("run", "--mode=Z9", "x").failedWith(125, "Z9");
        berth.run("run", "::").failedWith(125, "::");
    }

    @Test
    void root_is_refused_unless_it_insists() {
        Berth root = lab.user().with("HOME", lab.folder("root-home").toString());
        for (String command : List.of("ps", "images")) {
            asRoot(root, command).failedWith(2, "as root", "refused");
            assertThat(asRoot(root, "--allow-root", command).hasStatus(0).out()).isNotEmpty();
        }
        asRoot(root, "run", "x", "/bin/true").failedWith(125, "as root", "refused");
        asRoot(root, "version").hasStatus(0).wrote(VERSION);
        asRoot(root, "ps", "--help").hasStatus(0);
    }

    /// The user that setpriv makes is root in a user namespace of his own: to berth, root is uid 0 wherever it is.
    private static Result asRoot(Berth berth, String... words) {
        return berth.after("exec unshare --user --map-root-user \"$@\"").run(words);
    }

    @Test
    void all_problems_of_the_settings_are_told_at_once() throws IOException {
        Berth berth = lab.user();
        Path file = Files.createDirectory(berth.repository()).resolve("berth.conf");
        Files.writeString(file, """
                # a comment
                colour = red
                node_dir = relative/path
                insecure = maybe
                patience_seconds = long
                no value
                """);
        berth.run("ps")
                .failedWith(
                        2,
                        "reading the settings",
                        file + ":2: there is no key 'colour'",
                        "relative/path",
                        "maybe",
                        "long",
                        file + ":6: 'no value'",
                        file + ":3",
                        file + ":4",
                        file + ":5");
        berth.run("run", "x").failedWith(125, "colour");
    }

    @Test
    void unreadable_settings_are_told() throws IOException {
        Berth berth = lab.user();
        Path file = Files.createDirectory(berth.repository()).resolve("berth.conf");
        Files.write(file, new byte[] {'a', (byte) 0xff, '=', 'b'});
        berth.run("ps").failedWith(2, file.toString());
    }

    @Test
    void settings_from_the_environment_are_checked_too() {
        lab.user().with("BERTH_NODE_DIR", "relative").run("ps").failedWith(2, "relative", "BERTH_NODE_DIR");
        lab.user().with("BERTH_REGISTRY", "ftp://x").run("ps").failedWith(2, "ftp://x");
        lab.user().with("BERTH_REGISTRY_MIRRORS", "docker.io").run("ps").failedWith(2, "docker.io", "HOST=URL");
        lab.user()
                .with("BERTH_REGISTRY_MIRRORS", "docker.io=ftp://nonsense")
                .run("ps")
                .failedWith(2, "nonsense");
    }

    @Test
    void a_repository_that_cannot_be_made_is_one_message() throws IOException {
        Berth berth = lab.user();
        berth.with("BERTH_DIR", "/proc/nowhere").run("pull", image).failedWith(1, "/proc/nowhere");
        Files.writeString(berth.home().resolve("file"), "");
        berth.with("BERTH_DIR", berth.home() + "/file").run("pull", image).failedWith(1, "/file");
        berth.with("BERTH_DIR", "/root/x").run("pull", image).failedWith(1, "/root");
    }

    @Test
    void the_archive_holds_the_same_tree() throws IOException {
        Path unpacked = unpackedArchive();
        assertThat(listing(unpacked)).isEqualTo(listing(dist));
        Host.run("diff", "-r", "--no-dereference", unpacked.toString(), dist.toString());
        System.out.printf("archive: %.1f MB%n", Files.size(archive()) / 1e6);
    }

    private static Path archive() {
        return Path.of(System.getProperty("berth.dist"))
                .resolveSibling("berth-" + System.getProperty("berth.version") + "-linux-x86_64.tar.gz");
    }

    private static Path unpackedArchive() {
        Path place = lab.folder("unpacked");
        Host.run("tar", "-C", place.toString(), "-xpf", archive().toString());
        return place.resolve("berth");
    }

    private static String listing(Path tree) {
        return Host.run("bash", "-c", "cd '" + tree + "'; find . -printf '%P %y %m %l\\n' | sort");
    }

    @Test
    void nobody_but_its_owner_can_write_to_it_and_everybody_can_read_it() throws IOException {
        try (Stream<Path> files = Files.walk(dist)) {
            for (Path file : files.filter(path -> !Files.isSymbolicLink(path)).toList()) {
                int mode = (Integer) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
                assertThat(mode & 07000).as("set-id bits of %s", file).isZero();
                assertThat(mode & 0022).as("%s writable by others", file).isZero();
                assertThat(mode & 0044).as("%s readable by others", file).isEqualTo(0044);
            }
        }
    }

    @Test
    void links_in_it_stay_in_it() throws IOException {
        try (Stream<Path> files = Files.walk(dist)) {
            for (Path file : files.filter(Files::isSymbolicLink).toList()) {
                assertThat(Files.readSymbolicLink(file).isAbsolute())
                        .as("%s", file)
                        .isFalse();
                assertThat(file.toRealPath()).startsWith(dist.toRealPath());
            }
        }
    }

    @Test
    void licences_and_templates_are_in_it() {
        Path licences = dist.resolve("share/licences");
        assertThat(licences.resolve("README")).isNotEmptyFile();
        assertThat(licences.resolve("openjdk/LICENSE"))
                .isRegularFile()
                .content()
                .contains("GNU General Public License");
        assertThat(licences.resolve("openjdk/ASSEMBLY_EXCEPTION")).isRegularFile();
        assertThat(dist.resolve("share/slurm-spank")).isDirectory();
        Path templates = Path.of("job-templates");
        assertThat(Host.names(dist.resolve("share/job-templates"))).isNotEmpty().isEqualTo(Host.names(templates));
    }

    /// Whoever has only the archive can read how it is set up, and finds the files that are to be copied.
    @Test
    void documents_and_the_files_of_a_site_are_in_it() throws IOException {
        Path documents = dist.resolve("share/doc/berth");
        for (String page : List.of("README.md", "docs/site.md", "docs/settings.md")) {
            assertThat(links(documents.resolve(page)))
                    .as(page)
                    .isNotEmpty()
                    .allSatisfy(link -> assertThat(link).exists());
        }
        assertThat(dist.resolve("etc/berth.conf")).hasSameTextualContentAs(Path.of("deploy/etc/berth.conf"));
        assertThat(dist.resolve("share/modulefiles/berth")).isNotEmptyFile();
    }

    private static List<Path> links(Path page) throws IOException {
        return Pattern.compile("]\\(([^)#:]+)(#[^)]*)?\\)")
                .matcher(Files.readString(page))
                .results()
                .map(link -> page.resolveSibling(link.group(1)))
                .toList();
    }

    @Test
    void the_native_programs_need_no_library() {
        for (String program : List.of("bin/berth", "libexec/berth-exec")) {
            assertThat(Host.run("bash", "-c", "ldd '" + dist.resolve(program) + "' 2>&1 || true"))
                    .contains("not a dynamic executable");
        }
    }
}
