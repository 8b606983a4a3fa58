package io.berth.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Which room may use which, and the house rules. Read this first.
///
/// Each rule is checked twice: the project obeys it, and it catches what is planted in `fixture`.
/// Limits: javac inlines constants, so a shared constant leaves no trace; reflection is invisible.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ArchitectureTest {
    private static final String ROOMS = """
            boot      : app batch cli config container device engine fault files layer process progress registry stage store
            cli       : app batch config container engine fault image progress stage store
             app       : batch container device elf engine fault files image layer process progress ready registry stage store
             config    : fault files registry stage store
             batch     : elf fault image process stage
             engine    : container elf fault files image process ready
             ready     : container elf fault files image process
             elf       : container fault files image process
             device    : container fault files image process
            container : fault files image process
            store     : fault files image progress
            stage     : fault files image
            registry  : fault files image
            layer     : fault files image progress
            image     : fault
            process   : fault files
            files     : fault
            progress  :
            fault     :
            """;

    /// Which rooms may know a library; what is not listed here is free (the JDK, the null annotations).
    private static final String LIBRARIES = """
            picocli                        : cli
            io.quarkus                     : boot
            io.quarkus.qute                : batch
            jakarta                        : boot
            org.eclipse.microprofile       : boot
            jnr                            : boot
            com.fasterxml.jackson          : app boot device engine image registry
            org.snakeyaml                  : device
            com.github.luben.zstd          : layer
            """;

    private static final Map<String, Set<String>> ALLOWED = table(ROOMS);
    private static final JavaClasses PROJECT = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.berth");
    private static final JavaClasses FIXTURE = new ClassFileImporter().importPackages("io.berth.architecture.fixture");

    /// @param planted words that stand in what the rule finds in the fixture, one for each planted violation
    record Rule(String name, Function<HouseRules, ArchRule> rule, List<String> planted) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Rule> rules() {
        return Stream.of(
                new Rule(
                        "rooms use only the rooms of the table",
                        rules -> rules.rooms(ALLOWED),
                        List.of("image uses engine", "progress uses fault", "Undeclared is in 'attic'")),
                new Rule("rooms have no cycles", HouseRules::noCycles, List.of("UsesBack.forth")),
                new Rule(
                        "engine families do not know each other",
                        HouseRules::familiesAreStrangers,
                        List.of("PeeksAtTheOtherFamily.other")),
                new Rule(
                        "only Engines picks an engine family",
                        HouseRules::onlyEnginesPicksAFamily,
                        List.of("SecondChooser.pick")),
                new Rule(
                        "image values do not know their JSON",
                        HouseRules::valuesDoNotKnowTheirJson,
                        List.of("KnowsItsJson.wire")),
                new Rule(
                        "each library is known to its rooms only",
                        rules -> rules.libraries(table(LIBRARIES)),
                        List.of("ParsesWords.line", "BootsQuarkus.boot")),
                new Rule(
                        "only process starts processes",
                        HouseRules::onlyProcessStartsProcesses,
                        List.of("StartsProcesses.built", "StartsProcesses.executed")),
                new Rule(
                        "only cli and boot print",
                        HouseRules::onlyCliAndBootPrint,
                        List.of("Prints.out", "Prints.trace")),
                new Rule(
                        "only boot ends the process",
                        HouseRules::onlyBootEndsTheProcess,
                        List.of("Ends.exit", "Ends.halt")),
                new Rule(
                        "only boot reads the environment",
                        HouseRules::onlyBootReadsTheEnvironment,
                        List.of("ReadsEnvironment.job")),
                new Rule("static fields are final", HouseRules::noMutableStatics, List.of("KeepsStatic.count")),
                new Rule(
                        "fields of value rooms are final",
                        rules -> rules.valuesAreFinal(
                                "fault", "image", "container", "process", "batch", "stage", "store"),
                        List.of("Mutable.count")),
                new Rule("names say something", HouseRules::noEmptyNames, List.of("FileUtils", "StoreManagerImpl")),
                new Rule(
                        "every package is checked for nulls",
                        HouseRules::everyPackageIsNullMarked,
                        List.of("attic.Undeclared")));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void the_project_obeys(Rule rule) {
        assertThat(violations(rule.rule().apply(new HouseRules("io.berth")), PROJECT))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("rules")
    void the_rule_catches_what_is_planted(Rule rule) {
        String found = String.join(
                "\n", violations(rule.rule().apply(new HouseRules("io.berth.architecture.fixture")), FIXTURE));

        assertThat(rule.planted())
                .isNotEmpty()
                .allSatisfy(word -> assertThat(found).contains(word));
    }

    /// A permission that nobody uses is an invitation.
    @Test
    void the_table_allows_nothing_that_is_not_used() {
        HouseRules rules = new HouseRules("io.berth");
        Map<String, Set<String>> used = new TreeMap<>();
        ALLOWED.keySet().forEach(room -> used.put(room, new java.util.TreeSet<>()));
        PROJECT.forEach(type -> type.getDirectDependenciesFromSelf().stream()
                .map(use -> use.getTargetClass())
                .filter(use -> use.getPackageName().startsWith("io.berth.")
                        && !rules.room(use).equals(rules.room(type)))
                .forEach(use -> used.get(rules.room(type)).add(rules.room(use))));

        assertThat(used).isEqualTo(ALLOWED);
    }

    @Test
    void the_table_leads_downwards_only() {
        List<String> order = ALLOWED.entrySet().stream()
                .sorted((a, b) -> reach(b.getKey()).size() - reach(a.getKey()).size())
                .map(Map.Entry::getKey)
                .toList();

        assertThat(order).allSatisfy(room -> assertThat(reach(room)).doesNotContain(room));
    }

    private static Set<String> reach(String room) {
        Set<String> reached = new java.util.TreeSet<>();
        List<String> open = new java.util.ArrayList<>(ALLOWED.get(room));
        while (!open.isEmpty()) {
            String next = open.removeLast();
            if (reached.add(next)) {
                open.addAll(ALLOWED.get(next));
            }
        }
        return reached;
    }

    private static List<String> violations(ArchRule rule, JavaClasses classes) {
        return rule.evaluate(classes).getFailureReport().getDetails();
    }

    private static Map<String, Set<String>> table(String text) {
        return text.lines()
                .map(line -> line.split(":", -1))
                .collect(Collectors.toMap(
                        parts -> parts[0].strip(),
                        parts -> Arrays.stream(parts[1].strip().split(" +"))
                                .filter(word -> !word.isEmpty())
                                .collect(Collectors.toCollection(java.util.TreeSet::new)),
                        (a, _) -> a,
                        TreeMap::new));
    }
}
