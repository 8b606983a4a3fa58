package io.berth.boot;

import io.berth.config.Key;
import io.berth.config.Settings;
import io.berth.engine.Fakechroot;
import io.berth.engine.Maker;
import io.berth.engine.OciRuntime;
import io.berth.engine.Proot;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.Evidence;
import io.berth.process.Command;
import io.berth.store.RepositoryLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Where engines are: named in the settings, else in the distribution, the site's folder, the repository, the system.
final class EngineSearch {
    private final Path own;
    private final Settings settings;
    private final @Nullable String searchPath;
    private final Evidence evidence;

    /// @param home of the distribution
    /// @param evidence takes where was looked
    EngineSearch(Path home, Settings settings, @Nullable String searchPath, Evidence evidence) {
        this.evidence = evidence;
        this.own = home.resolve("libexec/engines");
        this.settings = settings;
        this.searchPath = searchPath;
    }

    /// Ours wherever it is, since it is made for this.
    Optional<Proot> proot() {
        return settings.program(Key.USE_PROOT_EXECUTABLE)
                .map(Proot::system)
                .or(this::ownProot)
                .or(() -> Proot.own(settings.repository().engines(), RepositoryLayout.architecture()))
                .or(() -> find("proot").map(Proot::system));
    }

    /// One that can be put into the repository.
    Optional<Proot> prootElsewhere() {
        return settings.program(Key.USE_PROOT_EXECUTABLE)
                .map(Proot::system)
                .or(this::ownProot)
                .or(() -> elsewhere("proot").map(Proot::system));
    }

    private Optional<Proot> ownProot() {
        return folders().flatMap(folder -> Proot.own(folder).stream()).findFirst();
    }

    /// All three files from one place: they are made for each other.
    Optional<Fakechroot> fakechroot() {
        Path kept = settings.repository().fakeEngines();
        if (evidence.isWanted()) {
            Stream.concat(folders(), Stream.of(kept)).forEach(evidence::content);
        }
        return fakechrootElsewhere().or(() -> Fakechroot.own(kept));
    }

    /// One that can be put into the repository.
    Optional<Fakechroot> fakechrootElsewhere() {
        return folders().flatMap(folder -> Fakechroot.own(folder).stream()).findFirst();
    }

    /// Errors: HOST_UNFIT when the one that was asked for is not here.
    Optional<OciRuntime> runtime(Optional<Maker> asked) {
        Optional<OciRuntime> named = settings.program(Key.USE_RUNC_EXECUTABLE).map(OciRuntime::named);
        Optional<Maker> wanted = asked.or(this::usual);
        if (wanted.isEmpty()) {
            return named;
        }
        Maker maker = wanted.get();
        if (maker == Maker.OWN) {
            return Optional.empty();
        }
        return Optional.of(named.filter(runtime -> runtime.maker() == maker)
                .or(() -> find(maker.label()).map(program -> new OciRuntime(maker, program)))
                .orElseThrow(() -> FaultException.of(
                        Fault.HOST_UNFIT,
                        "looking for " + maker.label() + ": it is in none of " + places(),
                        "install it, or use --engine=own")));
    }

    private Optional<Maker> usual() {
        String text = settings.text(Key.ENGINE);
        return text.isEmpty() ? Optional.empty() : Optional.of(Maker.valueOf(text.toUpperCase(Locale.ROOT)));
    }

    Optional<Path> apptainer() {
        return settings.program(Key.USE_SINGULARITY_EXECUTABLE)
                .or(() -> find("apptainer"))
                .or(() -> find("singularity"));
    }

    /// Static ones alone work in any tree.
    Optional<Path> emulator(String machine) {
        return find("qemu-" + machine + "-static");
    }

    /// By its plain name, or with the kind of machine behind it.
    Optional<Path> find(String name) {
        return noted(
                name,
                inFolders(name).or(() -> settings.repository().engine(name)).or(() -> Command.find(name, searchPath)));
    }

    /// The same, but for the repository.
    Optional<Path> elsewhere(String name) {
        return inFolders(name).or(() -> Command.find(name, searchPath));
    }

    private Optional<Path> noted(String name, Optional<Path> found) {
        if (evidence.isWanted()) {
            folders().forEach(evidence::content);
            evidence.content(settings.repository().engines());
            Command.places(name, searchPath).forEach(evidence::kind);
            found.ifPresent(evidence::content);
        }
        return found;
    }

    private Optional<Path> inFolders(String name) {
        return folders()
                .flatMap(folder -> Stream.of(
                        Proot.forMachine(folder, name),
                        folder.resolve(name + "-" + RepositoryLayout.architecture()),
                        folder.resolve(name)))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst();
    }

    private Stream<Path> folders() {
        return Stream.concat(Stream.of(own), settings.path(Key.ENGINES_DIR).stream());
    }

    private String places() {
        return own + settings.path(Key.ENGINES_DIR).map(site -> ", " + site).orElse("") + ", "
                + settings.repository().engines() + ", PATH";
    }
}
