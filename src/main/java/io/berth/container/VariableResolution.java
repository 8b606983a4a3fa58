package io.berth.container;

import io.berth.image.ImageConfig;
import io.berth.process.EnvironmentPolicy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;

/// The program's variables: the user's `-e` before the image's, those before a file's, and of ours what nobody sets.
///
/// Source: udocker 1.3, "Environment inside".
final class VariableResolution {
    /// Not handed on with the whole host environment unless named: they name files of the host.
    private static final List<String> HOST_ONLY = List.of("LD_*", "PATH", "HOME", "BERTH_FRONT_*");

    private final RunChoices.Variables wanted;
    private final ImageConfig image;
    private final Occasion occasion;
    private final Surroundings around;
    private final Injection injection;
    private final Set<String> keep = new LinkedHashSet<>();
    private final SequencedMap<String, String> defaults = new LinkedHashMap<>();
    private final SequencedMap<String, String> settings = new LinkedHashMap<>();

    VariableResolution(
            RunChoices.Variables wanted,
            ImageConfig image,
            Occasion occasion,
            Surroundings around,
            Injection injection) {
        this.injection = injection;
        this.wanted = wanted;
        this.image = image;
        this.occasion = occasion;
        this.around = around;
    }

    EnvironmentPolicy resolve(Accounts.Identity identity, String home, Tree tree) {
        RunDefaults usual = around.defaults();
        keep.addAll(wanted.whole() ? List.of("*") : JobVariables.GLOBS);
        keep.addAll(usual.handedOn());
        settings.put("PATH", usual.searchPath());
        settings.put("HOME", home);
        defaults.putAll(occasion.defaultVariables());
        wanted.fromFiles().forEach(this::ask);
        image.env().forEach(this::setAsImage);
        settings.put("USER", identity.name());
        settings.put("LOGNAME", identity.name());
        settings.putAll(occasion.settings(identity.name(), identity.uid() == 0, tree, around.caller()));
        injection.variables().forEach(this::inject);
        wanted.set().forEach(this::ask);
        injection.libraryFolders().forEach(folder -> lookIn("LD_LIBRARY_PATH", folder));
        injection.programFolders().forEach(folder -> lookIn("PATH", folder));
        List<String> drop = new ArrayList<>(wanted.whole() ? HOST_ONLY : List.of());
        drop.addAll(usual.neverHandedOn());
        return new EnvironmentPolicy(List.copyOf(keep), drop, defaults, settings);
    }

    /// Where programs are looked for, once the variables are resolved.
    String searchPath() {
        return settings.getOrDefault("PATH", around.defaults().searchPath());
    }

    private void inject(String name, String value) {
        if (JobVariables.covers(name)) {
            defaults.put(name, value);
        } else {
            settings.put(name, value);
        }
    }

    /// Behind what is there: an image may bring libraries that are newer than the host's.
    private void lookIn(String variable, String folder) {
        String there = settings.getOrDefault(variable, defaults.getOrDefault(variable, ""));
        if (List.of(there.split(":", -1)).contains(folder)) {
            return;
        }
        String more = there.isEmpty() ? folder : there + ":" + folder;
        (keep.contains(variable) ? defaults : settings).put(variable, more);
    }

    private void ask(String entry) {
        int equals = entry.indexOf('=');
        if (equals < 0) {
            settings.remove(entry);
            keep.add(entry);
            defaults.put(entry, ""); // as udocker does when the starter has none
        } else {
            defaults.remove(entry.substring(0, equals));
            settings.put(entry.substring(0, equals), entry.substring(equals + 1));
        }
    }

    /// What a launcher sets for each rank counts more than what was built in.
    private void setAsImage(String entry) {
        int equals = entry.indexOf('=');
        if (equals > 0) {
            String name = entry.substring(0, equals);
            String value = entry.substring(equals + 1);
            if (!JobVariables.covers(name)) {
                defaults.remove(name);
                settings.put(name, value);
            } else if (!settings.containsKey(name)) {
                defaults.put(name, value);
            }
        }
    }
}
