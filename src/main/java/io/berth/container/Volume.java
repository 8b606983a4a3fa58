package io.berth.container;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.process.Mount;
import java.nio.file.Files;
import java.nio.file.Path;

/// A part of the host that the user wants to see inside: `SOURCE[:TARGET[:ro|rw]]`.
///
/// Shape: both absolute; the target is not `/` and does not climb.
public record Volume(Path source, String target, boolean readOnly) {
    public static Volume parse(String text) {
        String rest = text;
        boolean readOnly = false;
        if (rest.endsWith(":ro") || rest.endsWith(":rw")) {
            readOnly = rest.endsWith(":ro");
            rest = rest.substring(0, rest.length() - 3);
        }
        int colon = rest.indexOf(':');
        String source = colon < 0 ? rest : rest.substring(0, colon);
        String target = colon < 0 || colon + 1 == rest.length() ? source : rest.substring(colon + 1);
        if (!source.startsWith("/") || !target.startsWith("/")) {
            throw refused(text, "both paths must be absolute");
        }
        Path normal = Path.of(target).normalize();
        if (normal.getNameCount() == 0 || target.contains("/../") || target.endsWith("/..")) {
            throw refused(text, "the path inside must be below '/' and must not climb");
        }
        return new Volume(Path.of(source), normal.toString(), readOnly);
    }

    /// Errors: NOT_FOUND when the host has no such path.
    public Mount mount() {
        if (!Files.exists(source)) {
            throw FaultException.of(
                    Fault.NOT_FOUND,
                    "mounting " + source + " at " + target + ": the host has no such file or folder",
                    "check the path; on a cluster it must exist on every node");
        }
        return new Mount.Bind(source, target, readOnly, false);
    }

    private static FaultException refused(String text, String why) {
        return FaultException.badInput(
                "reading volume '" + text + "': " + why,
                "the form is SOURCE[:TARGET[:ro|rw]], for example /data:/mnt:ro");
    }
}
