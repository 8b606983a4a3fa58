package io.berth.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;

/// A cluster that loads the plugin, with an extern step and a TaskProlog.
final class SpankCluster {
    private SpankCluster() {}

    /// @param words of the plugin's line in plugstack.conf
    static Cluster up(int nodes, String words, String... images) throws IOException {
        return up(nodes, Map.of(), words, images);
    }

    /// @param defects further variables of cluster.sh
    static Cluster up(int nodes, Map<String, String> defects, String words, String... images) throws IOException {
        return up(Cluster.distribution().resolve("lib/slurm/berth.so"), nodes, defects, words, images);
    }

    /// @param plugin beside the distribution or elsewhere, where `words` name the distribution by `home=`
    static Cluster up(Path plugin, int nodes, Map<String, String> defects, String words, String... images)
            throws IOException {
        Path folder = Files.createTempDirectory("berth-it-spank-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(plugin).as("the plugin is packaged where <slurm/spank.h> is").exists();
        Path prolog = Files.writeString(folder.resolve("prolog"), "#!/bin/sh\necho export FROM_PROLOG=$(hostname)\n");
        Files.setPosixFilePermissions(prolog, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(folder.resolve("plugstack"), "required " + plugin + " " + words + "\n");
        Files.writeString(folder.resolve("conf"), "PrologFlags=Alloc,Contain\nTaskProlog=" + prolog + "\n");
        Map<String, String> settings = new TreeMap<>(defects);
        settings.put("CLUSTER_PLUGSTACK", folder.resolve("plugstack").toString());
        settings.put("CLUSTER_CONF", folder.resolve("conf").toString());
        settings.merge("CLUSTER_SHARE", folder.toString(), (one, other) -> one + ":" + other);
        return Cluster.up(nodes, settings, images);
    }
}
