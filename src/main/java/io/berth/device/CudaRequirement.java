package io.berth.device;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What an image demands of the driver: alternatives separated by blanks, each of conditions separated by commas.
///
/// What cannot be known without asking the GPU (its architecture, often its brand) is taken as met.
///
/// Source: the documentation of NVIDIA's container toolkit, "NVIDIA_REQUIRE_*"; images of CUDA 11 and 12.
final class CudaRequirement {
    static final String PREFIX = "NVIDIA_REQUIRE_";
    static final String OFF = "NVIDIA_DISABLE_REQUIRE";

    private static final Pattern CONDITION = Pattern.compile("([a-z]+)(>=|<=|!=|=|>|<)([A-Za-z0-9._-]+)");

    /// The newest CUDA of each branch of the driver, by the branch's first release.
    ///
    /// Source: release notes of the CUDA toolkit, "CUDA Toolkit and Corresponding Driver Versions".
    private static final Map<Integer, String> CUDA_OF = new TreeMap<>(Map.ofEntries(
            Map.entry(346, "7.0"),
            Map.entry(352, "7.5"),
            Map.entry(367, "8.0"),
            Map.entry(384, "9.0"),
            Map.entry(387, "9.1"),
            Map.entry(396, "9.2"),
            Map.entry(410, "10.0"),
            Map.entry(418, "10.1"),
            Map.entry(440, "10.2"),
            Map.entry(450, "11.0"),
            Map.entry(455, "11.1"),
            Map.entry(460, "11.2"),
            Map.entry(465, "11.3"),
            Map.entry(470, "11.4"),
            Map.entry(495, "11.5"),
            Map.entry(510, "11.6"),
            Map.entry(515, "11.7"),
            Map.entry(520, "11.8"),
            Map.entry(525, "12.0"),
            Map.entry(530, "12.1"),
            Map.entry(535, "12.2"),
            Map.entry(545, "12.3"),
            Map.entry(550, "12.4"),
            Map.entry(555, "12.5"),
            Map.entry(560, "12.6"),
            Map.entry(565, "12.7"),
            Map.entry(570, "12.8"),
            Map.entry(575, "12.9"),
            Map.entry(580, "13.0"),
            Map.entry(590, "13.1")));

    private final DriverVersion driver;
    private final List<String> models;

    /// @param models of the GPUs; empty when they are not known
    CudaRequirement(DriverVersion driver, List<String> models) {
        this.driver = driver;
        this.models = List.copyOf(models);
    }

    /// The newest CUDA that a driver runs; absent for one older than all that are known.
    static Optional<String> cudaOf(DriverVersion driver) {
        return Optional.ofNullable(
                        new TreeMap<>(CUDA_OF).floorEntry(driver.numbers().getFirst()))
                .map(Map.Entry::getValue);
    }

    /// @param said variables of the image and the user
    /// Errors: HOST_UNFIT when one is not met; BAD_INPUT for what is no requirement.
    void check(SaidVariables said) {
        if (isOn(said.any(OFF).orElse(""))) {
            return;
        }
        SequencedMap<String, String> wanted = new LinkedHashMap<>(said.beginning(PREFIX));
        wanted.forEach((name, text) -> {
            if (!text.isBlank() && Stream.of(text.strip().split("\\s+")).noneMatch(this::allMet)) {
                throw FaultException.of(
                        Fault.HOST_UNFIT,
                        "showing the NVIDIA driver: the image wants " + shortened(text) + " (" + name
                                + "), and driver " + driver + " here runs CUDA "
                                + cudaOf(driver).orElse("of long ago"),
                        "use an image for an older CUDA or a node with a newer driver; --env " + OFF
                                + "=1 tries it anyway");
            }
        });
    }

    private static boolean isOn(String text) {
        return List.of("1", "true", "yes", "on").contains(text.toLowerCase(Locale.ROOT));
    }

    /// The first alternative says it; the others are for special cards.
    private static String shortened(String text) {
        String first = text.strip().split("\\s+")[0];
        return first.length() > 80 ? first.substring(0, 80) + "..." : first;
    }

    private boolean allMet(String conditions) {
        return Arrays.stream(conditions.split(","))
                .filter(one -> !one.isEmpty())
                .allMatch(this::isMet);
    }

    private boolean isMet(String condition) {
        Matcher parts = CONDITION.matcher(condition);
        if (!parts.matches()) {
            throw FaultException.badInput(
                    "reading the image's demands on the driver: '" + condition + "' is no condition",
                    "--env " + OFF + "=1 passes over them");
        }
        String sign = parts.group(2);
        String value = parts.group(3);
        return switch (parts.group(1)) {
            case "cuda" ->
                cudaOf(driver).map(cuda -> holds(compare(cuda, value), sign)).orElse(false);
            case "driver" -> holds(compare(driver.text(), value), sign);
            case "brand" -> models.isEmpty() || models.stream().anyMatch(model -> brandMayBe(model, value, sign));
            default -> true;
        };
    }

    private static boolean holds(int compared, String sign) {
        return switch (sign) {
            case ">=" -> compared >= 0;
            case "<=" -> compared <= 0;
            case "!=" -> compared != 0;
            case ">" -> compared > 0;
            case "<" -> compared < 0;
            default -> compared == 0;
        };
    }

    private static int compare(String one, String other) {
        String[] left = one.split("\\.");
        String[] right = other.split("\\.");
        for (int i = 0; i < Math.max(left.length, right.length); i++) {
            int compared = Integer.compare(part(left, i), part(right, i));
            if (compared != 0) {
                return compared;
            }
        }
        return 0;
    }

    private static int part(String[] parts, int i) {
        return i < parts.length && parts[i].matches("[0-9]{1,6}") ? Integer.parseInt(parts[i]) : 0;
    }

    /// Brands of cards for desktops stand in the model's name; the others may be any of the rest.
    private static boolean brandMayBe(String model, String brand, String sign) {
        String name = model.toLowerCase(Locale.ROOT);
        List<String> told = Stream.of("geforce", "quadro", "titan", "tesla")
                .filter(name::contains)
                .toList();
        boolean equal = told.isEmpty()
                ? Stream.of("geforce", "quadro", "titan").noneMatch(brand::startsWith)
                : told.stream().anyMatch(brand::startsWith);
        return sign.equals("!=") != equal;
    }
}
