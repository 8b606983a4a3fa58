package io.berth.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.NullMarked;

/// The house rules, each for any base package: the project's own, and the fixture's that must break it.
final class HouseRules {
    private final String base;

    HouseRules(String base) {
        this.base = base;
    }

    /// @param table of rooms, and which rooms each may use
    ArchRule rooms(Map<String, Set<String>> table) {
        return classes().should(new ArchCondition<>("use only the rooms that the table allows") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                String room = room(type);
                if (!table.containsKey(room)) {
                    report(events, type, type.getName() + " is in '" + room + "', which the table does not have");
                    return;
                }
                type.getDirectDependenciesFromSelf().stream()
                        .filter(use -> isOurs(use.getTargetClass()))
                        .filter(use -> !room(use.getTargetClass()).equals(room))
                        .filter(use -> !table.get(room).contains(room(use.getTargetClass())))
                        .forEach(use -> report(
                                events,
                                type,
                                room + " uses " + room(use.getTargetClass()) + ": " + use.getDescription()));
            }
        });
    }

    ArchRule noCycles() {
        return slices().matching(base + ".(*)..").should().beFreeOfCycles();
    }

    ArchRule familiesAreStrangers() {
        return slices().matching(base + ".engine.(*)..").should().notDependOnEachOther();
    }

    ArchRule onlyEnginesPicksAFamily() {
        return noClasses()
                .that()
                .resideOutsideOfPackage(base + ".engine.*..")
                .and()
                .haveNameNotMatching(base.replace(".", "\\.") + "\\.engine\\.Engines")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(base + ".engine.*..");
    }

    ArchRule valuesDoNotKnowTheirJson() {
        return noClasses()
                .that()
                .resideInAPackage(base + ".image")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(base + ".image.json..");
    }

    /// @param libraries package beginnings, and the rooms that may know each
    ArchRule libraries(Map<String, Set<String>> libraries) {
        return classes().should(new ArchCondition<>("know only the libraries of their room") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                type.getDirectDependenciesFromSelf()
                        .forEach(use -> library(use.getTargetClass(), libraries)
                                .filter(library -> !libraries.get(library).contains(room(type)))
                                .ifPresent(library ->
                                        report(events, type, room(type) + " knows " + use.getDescription())));
            }
        });
    }

    ArchRule onlyProcessStartsProcesses() {
        return noClasses()
                .that()
                .resideOutsideOfPackage(base + ".process..")
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(ProcessBuilder.class)
                .orShould()
                .callMethodWhere(calls(Runtime.class, "exec"))
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign..");
    }

    ArchRule onlyCliAndBootPrint() {
        return outside("cli", "boot")
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethodWhere(describe(
                        "printStackTrace is called",
                        call -> call.getTarget().getName().equals("printStackTrace")
                                && call.getTargetOwner().isAssignableTo(Throwable.class)));
    }

    ArchRule onlyBootEndsTheProcess() {
        return outside("boot")
                .callMethodWhere(calls(System.class, "exit"))
                .orShould()
                .callMethodWhere(calls(Runtime.class, "exit"))
                .orShould()
                .callMethodWhere(calls(Runtime.class, "halt"));
    }

    ArchRule onlyBootReadsTheEnvironment() {
        return outside("boot").callMethodWhere(calls(System.class, "getenv"));
    }

    ArchRule noMutableStatics() {
        return fields().that().areStatic().should().beFinal();
    }

    ArchRule valuesAreFinal(String... rooms) {
        return fields().that()
                .areDeclaredInClassesThat(describe(
                        "are in " + List.of(rooms),
                        type -> isOurs(type) && List.of(rooms).contains(room(type))))
                .should()
                .beFinal();
    }

    ArchRule noEmptyNames() {
        return classes()
                .should()
                .haveNameNotMatching(".*(Utils?|Helper|Manager|Impl)(\\$.*)?")
                .andShould()
                .haveNameNotMatching(".*\\.(utils?|helpers?|common|misc)\\..*");
    }

    ArchRule everyPackageIsNullMarked() {
        return classes()
                .that(describe("are package descriptions or lack one", type -> true))
                .should(new ArchCondition<>("be in a package with @NullMarked") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        if (!type.getPackage().isAnnotatedWith(NullMarked.class)) {
                            report(events, type, type.getName() + " is in a package without @NullMarked");
                        }
                    }
                });
    }

    String room(JavaClass type) {
        String rest = type.getPackageName()
                .substring(Math.min(base.length() + 1, type.getPackageName().length()));
        int dot = rest.indexOf('.');
        return dot < 0 ? rest : rest.substring(0, dot);
    }

    private boolean isOurs(JavaClass type) {
        return type.getPackageName().startsWith(base + ".");
    }

    private com.tngtech.archunit.lang.syntax.elements.ClassesShould outside(String... rooms) {
        String[] packages =
                List.of(rooms).stream().map(room -> base + "." + room + "..").toArray(String[]::new);
        return noClasses().that().resideOutsideOfPackages(packages).should();
    }

    private static java.util.Optional<String> library(JavaClass type, Map<String, Set<String>> libraries) {
        return libraries.keySet().stream()
                .filter(prefix -> type.getPackageName().equals(prefix)
                        || type.getPackageName().startsWith(prefix + "."))
                .max(java.util.Comparator.comparingInt(String::length));
    }

    private static DescribedPredicate<JavaCall<?>> calls(Class<?> type, String method) {
        return target(owner(describe(type.getSimpleName(), (JavaClass it) -> it.isEquivalentTo(type))))
                .and(target(name(method)));
    }

    private static void report(ConditionEvents events, JavaClass type, String text) {
        events.add(SimpleConditionEvent.violated(type, text));
    }
}
