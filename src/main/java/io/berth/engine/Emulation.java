package io.berth.engine;

import io.berth.container.ContainerSpec;
import io.berth.files.Evidence;
import io.berth.process.LaunchPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Programs for other processors in R modes: in the namespace the kernel is told of the emulator.
///
/// Whether it can be is tried, and only when such a program is to be started.
public final class Emulation {
    private final Emulators emulators;
    private final KeptTrials trials;

    public Emulation(Emulators emulators, KeptTrials trials) {
        this.emulators = emulators;
        this.trials = trials;
    }

    /// Why programs of a tree's processor cannot be run here, as the end of "MODE cannot ...".
    public Optional<String> objection(ContainerSpec spec) {
        String machine = spec.tree().machine();
        if (machine.isEmpty()) {
            return Optional.empty();
        }
        if (spec.mounts().stream().noneMatch(mount -> mount.target().equals("/proc"))) {
            return Optional.of("run programs for " + machine + " without /proc of the host");
        }
        if (emulators.forMachine(machine).isEmpty()) {
            return Optional.of(emulators.missing(machine));
        }
        Optional<LaunchPlan.Emulator> emulator = of(machine);
        return emulator.isEmpty()
                ? Optional.of("run programs for " + machine + ": its programs are not known by number; use P1")
                : trials.failure(trial(emulator.get()), List.of(emulator.get().program()))
                        .map(why -> "run programs for " + machine + ": " + why + "; use P1");
    }

    private static List<String> trial(LaunchPlan.Emulator emulator) {
        List<String> words = new ArrayList<>(List.of("--probe-emulator"));
        words.addAll(emulator.words());
        return words;
    }

    /// What a plan says of a machine's emulator; empty for this machine.
    public Optional<LaunchPlan.Emulator> of(String machine) {
        if (machine.isEmpty()) {
            return Optional.empty();
        }
        return emulators.forMachine(machine).flatMap(program -> switch (machine) {
            case "aarch64" -> emulator(64, true, 183, program);
            case "arm" -> emulator(32, true, 40, program);
            case "i386", "i686" -> emulator(32, true, 3, program);
            case "loongarch64" -> emulator(64, true, 258, program);
            case "mips" -> emulator(32, false, 8, program);
            case "ppc" -> emulator(32, false, 20, program);
            case "ppc64" -> emulator(64, false, 21, program);
            case "ppc64le" -> emulator(64, true, 21, program);
            case "riscv32" -> emulator(32, true, 243, program);
            case "riscv64" -> emulator(64, true, 243, program);
            case "s390x" -> emulator(64, false, 22, program);
            case "x86_64" -> emulator(64, true, 62, program);
            default -> Optional.empty();
        });
    }

    private static Optional<LaunchPlan.Emulator> emulator(int bits, boolean littleEndian, int machine, Path program) {
        return Optional.of(new LaunchPlan.Emulator(bits, littleEndian, machine, program));
    }

    /// Takes what a plan with an emulator rests on.
    public void note(ContainerSpec spec, Evidence evidence) {
        of(spec.tree().machine())
                .ifPresent(emulator -> trials.note(trial(emulator), List.of(emulator.program()), evidence));
    }
}
