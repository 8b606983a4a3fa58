package io.berth.device;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Which GPUs the program is to see.
///
/// Source: the documentation of NVIDIA's container toolkit, "NVIDIA_VISIBLE_DEVICES"; the CUDA programming guide,
/// "CUDA_VISIBLE_DEVICES"; gres.conf(5) of Slurm.
///
/// @param driver whether the driver is shown at all
/// @param named indexes, UUIDs, MIG names; empty for all or none
/// @param none whether GPUs are withheld
/// @param allocated whether the batch system has decided, so that nothing else may
/// @param why for people
record VisibleDevices(boolean driver, List<String> named, boolean none, boolean allocated, String why) {
    static final String NAME = "NVIDIA_VISIBLE_DEVICES";
    static final String CUDA = "CUDA_VISIBLE_DEVICES";

    private static final Pattern INDEX = Pattern.compile("[0-9]{1,4}");
    private static final Pattern UUID = Pattern.compile("GPU-[0-9A-Fa-f-]{4,36}");
    private static final Pattern MIG = Pattern.compile("MIG-(GPU-)?[0-9A-Fa-f-]{4,36}(/[0-9]+/[0-9]+)?");
    private static final Pattern MIG_INDEX = Pattern.compile("[0-9]{1,4}:[0-9]{1,4}");
    private static final List<String> ALLOCATION = List.of("SLURM_STEP_GPUS", "SLURM_JOB_GPUS", "GPU_DEVICE_ORDINAL");

    VisibleDevices {
        named = List.copyOf(named);
    }

    /// Errors: BAD_INPUT for a word that names no GPU.
    static VisibleDevices of(SaidVariables said) {
        Optional<String> asked = said.byUser(NAME);
        if (asked.filter(text -> text.equals("void")).isPresent()) {
            return new VisibleDevices(false, List.of(), false, false, NAME + "=void was asked for");
        }
        Optional<VisibleDevices> allocation = allocation(said);
        if (allocation.isPresent()) {
            return allocation.get();
        }
        // an image says "void" to runtimes that it does not want to meddle; here the user wants it
        String text = asked.or(() -> said.byImage(NAME))
                .filter(word -> !word.equals("void"))
                .orElse("all");
        String who = asked.isPresent() ? " was asked for" : " is the image's";
        if (text.isBlank() || text.equals("all")) {
            return new VisibleDevices(true, List.of(), false, false, "all");
        }
        String why = NAME + "=" + text + who;
        if (text.equals("none")) {
            return new VisibleDevices(true, List.of(), true, false, why);
        }
        List<String> named = List.of(text.split(","));
        named.forEach(VisibleDevices::check);
        return new VisibleDevices(true, named, false, false, why);
    }

    private static Optional<VisibleDevices> allocation(SaidVariables said) {
        boolean job = said.caller().containsKey("SLURM_JOB_ID");
        return ALLOCATION.stream()
                .filter(name -> job && !said.caller().getOrDefault(name, "").isBlank())
                .findFirst()
                .map(name -> new VisibleDevices(
                        true,
                        Arrays.stream(said.caller().getOrDefault(name, "").split(","))
                                .filter(word -> INDEX.matcher(word).matches())
                                .toList(),
                        false,
                        true,
                        "the job's own: " + name + "=" + said.caller().getOrDefault(name, "")));
    }

    private static void check(String word) {
        if (Stream.of(INDEX, UUID, MIG, MIG_INDEX)
                .noneMatch(form -> form.matcher(word).matches())) {
            throw FaultException.badInput(
                    "reading " + NAME + ": '" + word + "' names no GPU",
                    "all, none, void, or indexes, GPU-... and MIG-... names separated by commas");
        }
    }

    /// Those named by index.
    List<Integer> indexes() {
        return named.stream()
                .filter(word -> INDEX.matcher(word).matches())
                .map(Integer::parseInt)
                .toList();
    }

    /// The variable by which the driver itself withholds the others; absent when it is not needed, or is a launcher's.
    ///
    /// Errors: HOST_UNFIT for a MIG device by index, which the driver does not know by such a name.
    Optional<String> forCuda(SaidVariables said) {
        if (allocated || said.byUser(CUDA).isPresent() || (!none && named.isEmpty())) {
            return Optional.empty();
        }
        named.stream()
                .filter(word -> MIG_INDEX.matcher(word).matches())
                .findFirst()
                .ifPresent(word -> {
                    throw FaultException.of(
                            Fault.HOST_UNFIT,
                            "showing MIG device " + word + ": no CDI specification of this host has it",
                            "name it MIG-UUID; nvidia-smi -L lists them");
                });
        return Optional.of(String.join(",", named));
    }
}
