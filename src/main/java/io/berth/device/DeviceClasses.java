package io.berth.device;

import io.berth.container.InsideTree;
import io.berth.fault.FaultException;
import io.berth.fault.Nearest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Devices of fabrics and of shared memory between ranks, by what they are for.
///
/// Source: device names of rdma-core, HPE's cxi driver, Intel's and Cornelis' hfi1 and psm2, knem, xpmem, gdrcopy.
final class DeviceClasses {
    private static final SequencedMap<String, List<String>> KNOWN = known();

    private DeviceClasses() {}

    private static SequencedMap<String, List<String>> known() {
        SequencedMap<String, List<String>> known = new LinkedHashMap<>();
        known.put("verbs", List.of("infiniband/*"));
        known.put("cxi", List.of("cxi*"));
        known.put("hfi", List.of("hfi1*", "ipath*"));
        known.put("knem", List.of("knem"));
        known.put("xpmem", List.of("xpmem"));
        known.put("gdrcopy", List.of("gdrdrv"));
        return known;
    }

    /// Errors: BAD_INPUT for a class that is none.
    static void show(List<String> classes, InsideTree host, Finding finding) {
        for (String name : classes) {
            List<String> globs = KNOWN.get(name);
            if (globs == null) {
                throw FaultException.badInput(
                        "reading the device class '" + name + "': there is no such class",
                        Nearest.hint(name, KNOWN.keySet(), "they are " + String.join(", ", KNOWN.keySet())));
            }
            List<Map.Entry<Path, String>> devices = new ArrayList<>();
            globs.forEach(glob -> devices.addAll(matching(host, glob)));
            devices.forEach(device -> finding.show("device", device.getKey(), device.getValue(), "class " + name));
            if (devices.isEmpty()) {
                finding.missing("devices of class " + name + " (/dev/" + String.join(", /dev/", globs) + ")");
            }
        }
    }

    /// Files of /dev by one glob with at most one star, at the end.
    ///
    /// @return each with its path inside
    static List<Map.Entry<Path, String>> matching(InsideTree host, String glob) {
        int slash = glob.lastIndexOf('/');
        String folder = slash < 0 ? "/dev" : "/dev/" + glob.substring(0, slash);
        String name = glob.substring(slash + 1);
        List<Map.Entry<Path, String>> found = new ArrayList<>();
        host.entries(folder).forEach(entry -> {
            String file = entry.getFileName().toString();
            boolean fits =
                    name.endsWith("*") ? file.startsWith(name.substring(0, name.length() - 1)) : file.equals(name);
            if (fits && !Files.isDirectory(entry)) {
                found.add(Map.entry(entry, folder + "/" + file));
            }
        });
        return found;
    }
}
