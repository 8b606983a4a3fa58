package io.berth.batch;

import io.berth.elf.MpiLibrary;
import io.berth.fault.FaultException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Whether the ranks of a step will find each other. With a launcher that their MPI does not understand, each of them
/// is a world of its own, and all of them end well.
///
/// @param launcher for `srun --mpi`; absent when any will do
/// @param warning for the user
/// @param pmix whether ranks ask by PMIx
/// @param lines what was found and why, for `explain`
/// @param misfit what does not fit, however many ranks there are going to be
public record MpiFit(
        Optional<String> launcher,
        Optional<String> warning,
        boolean pmix,
        List<String> lines,
        Optional<String> misfit) {
    private static final String NONE = "none";

    public MpiFit {
        lines = List.copyOf(lines);
    }

    /// Errors: BAD_INPUT when a launcher that was named, or each that srun has, leaves every rank alone;
    /// of the node that speaks for all, which all are of one image.
    ///
    /// @param offered what srun has; asked only when it matters, empty when it does not answer
    public static MpiFit of(List<MpiLibrary> found, MpiStep step, Supplier<List<String>> offered) {
        List<String> lines = new ArrayList<>();
        found.forEach(library -> lines.add(library.shown() + ", " + library.path()));
        if (step.byMpirun()) {
            lines.add("an mpirun joins the ranks: no PMIx hints, its own server is with them");
            return new MpiFit(step.launcher(), Optional.empty(), false, lines, Optional.empty());
        }
        SequencedSet<String> spoken = new LinkedHashSet<>();
        found.forEach(library -> spoken.addAll(library.launchers()));
        boolean open =
                found.isEmpty() || found.stream().anyMatch(library -> library.kind() == MpiLibrary.Kind.INTEL_MPI);
        boolean pmix = found.stream().anyMatch(MpiLibrary::speaksPmix)
                || (open && step.launcher().filter("pmix"::equals).isPresent());
        if (open) {
            if (found.isEmpty()) {
                lines.add("no MPI found in the image");
            }
            lines.addAll(hints(pmix));
            return new MpiFit(step.launcher(), Optional.empty(), pmix, lines, Optional.empty());
        }
        List<String> has = step.wish() == MpiStep.Wish.SEEN ? List.of() : offered.get();
        if (!has.isEmpty()) {
            lines.add("srun offers " + String.join(", ", has));
        }
        Optional<String> launcher = step.launcher()
                .or(() -> spoken.stream()
                        .filter(kind -> has.isEmpty() || has.contains(kind))
                        .findFirst());
        boolean fits = launcher.filter(kind -> spoken.contains(kind) && (has.isEmpty() || has.contains(kind)))
                .isPresent();
        String used = launcher.map(kind -> "the step uses --mpi=" + kind).orElse("srun offers none of it");
        Optional<String> misfit = fits
                ? Optional.empty()
                : Optional.of("this image has "
                        + found.stream().map(MpiLibrary::shown).collect(Collectors.joining(", ")) + "; " + used);
        Optional<String> warning =
                misfit.filter(_ -> step.ranks() > 1).map(text -> text + ": " + step.ranks() + " singletons");
        lines.add(warning.orElse(used));
        lines.addAll(hints(pmix));
        boolean meant = step.wish() == MpiStep.Wish.SEEN
                || launcher.filter(NONE::equals).isPresent();
        if (warning.isPresent() && !meant && step.first()) {
            throw FaultException.badInput("checking how ranks find each other: " + warning.get(), advice(spoken, has));
        }
        return new MpiFit(launcher, warning, pmix, lines, misfit);
    }

    /// Whether the launcher may tell ranks of each other.
    public boolean joinsRanks() {
        return launcher.filter(NONE::equals).isEmpty();
    }

    private static String advice(SequencedSet<String> spoken, List<String> offered) {
        String good = spoken.stream()
                .filter(kind -> offered.isEmpty() || offered.contains(kind))
                .map(kind -> "--mpi=" + kind)
                .collect(Collectors.joining(" or "));
        String alone = "--mpi=none if each rank is to be alone";
        return good.isEmpty()
                ? "take an image whose MPI asks by what srun offers, or start the ranks by an mpirun; " + alone
                : good + " fits; " + alone;
    }

    private static List<String> hints(boolean pmix) {
        return pmix
                ? List.of(
                        "PMIX_MCA_gds=hash unless set: PMIx's shared store lies where the container shows nothing",
                        "no security hint: ranks keep their user's id, which PMIx accepts")
                : List.of("no PMIx hints: nothing asks by PMIx");
    }
}
