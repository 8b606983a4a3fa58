package io.berth.device;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.image.json.JsonTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// Reads one CDI specification. A file that is damaged, too large or of an unknown version is an error that names it.
///
/// Source: Container Device Interface 0.3.0 to 1.0.0, SPEC.md.
final class CdiReader {
    private static final long MOST_BYTES = 4 << 20;
    private static final int MOST_ENTRIES = 4096;
    private static final Pattern KIND =
            Pattern.compile("[A-Za-z][A-Za-z0-9._-]*[A-Za-z0-9]/[A-Za-z]([A-Za-z0-9._-]*[A-Za-z0-9])?");
    private static final Pattern DEVICE = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._:-]*[A-Za-z0-9])?");
    private static final Set<String> KNOWN_EDITS = Set.of("env", "deviceNodes", "mounts", "hooks");
    private static final Pattern VERSION = Pattern.compile("0\\.[3-9]\\.[0-9]+|1\\.0\\.[0-9]+");

    private final Path file;

    private CdiReader(Path file) {
        this.file = file;
    }

    /// Errors: CORRUPT, NOT_FOUND, NOT_ALLOWED.
    static CdiSpec read(Path file) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw wrong(file, "it is larger than 4 MiB");
            }
            String text = AtomicFile.read(file);
            boolean yaml = !file.getFileName().toString().endsWith(".json");
            return new CdiReader(file).spec(yaml ? CdiYaml.parse(text) : JsonTree.parse(text));
        } catch (IOException e) {
            throw wrong(file, String.valueOf(e.getMessage()).lines().findFirst().orElse("it is damaged"));
        }
    }

    private CdiSpec spec(JsonNode root) {
        if (!root.isObject()) {
            throw wrong(file, "it is no object");
        }
        String version = text(root, "cdiVersion", true);
        if (!VERSION.matcher(version).matches()) {
            throw wrong(file, "its cdiVersion '" + version + "' is not one from 0.3.0 to 1.0.0");
        }
        String kind = text(root, "kind", true);
        if (!KIND.matcher(kind).matches()) {
            throw wrong(file, "its kind '" + kind + "' is not VENDOR/CLASS");
        }
        List<CdiSpec.Device> devices = new ArrayList<>();
        for (JsonNode device : list(root, "devices")) {
            String name = text(device, "name", true);
            if (!DEVICE.matcher(name).matches()) {
                throw wrong(file, "'" + name + "' is no name of a device");
            }
            devices.add(new CdiSpec.Device(name, edits(device)));
        }
        return new CdiSpec(file, kind, devices, edits(root));
    }

    private CdiSpec.Edits edits(JsonNode parent) {
        JsonNode edits = parent.path("containerEdits");
        if (!edits.isMissingNode() && !edits.isNull() && !edits.isObject()) {
            throw wrong(file, "containerEdits is no object");
        }
        List<CdiSpec.Node> nodes = new ArrayList<>();
        for (JsonNode node : list(edits, "deviceNodes")) {
            String inside = path(node, "path");
            String host = text(node, "hostPath", false);
            nodes.add(new CdiSpec.Node(host.isEmpty() ? inside : absolute(host, "hostPath"), inside));
        }
        List<CdiSpec.Bind> binds = new ArrayList<>();
        for (JsonNode mount : list(edits, "mounts")) {
            binds.add(new CdiSpec.Bind(path(mount, "hostPath"), path(mount, "containerPath"), words(mount, "options")));
        }
        List<CdiSpec.Hook> hooks = new ArrayList<>();
        for (JsonNode hook : list(edits, "hooks")) {
            hooks.add(new CdiSpec.Hook(text(hook, "hookName", true), text(hook, "path", true), words(hook, "args")));
        }
        List<String> unknown = new ArrayList<>();
        edits.fieldNames().forEachRemaining(name -> {
            if (!KNOWN_EDITS.contains(name)) {
                unknown.add(name);
            }
        });
        return new CdiSpec.Edits(variables(edits), nodes, binds, hooks, unknown);
    }

    private List<String> variables(JsonNode edits) {
        List<String> variables = words(edits, "env");
        for (String entry : variables) {
            if (entry.indexOf('=') <= 0) {
                throw wrong(file, "'" + entry + "' in env is not NAME=VALUE");
            }
        }
        return variables;
    }

    private String path(JsonNode parent, String name) {
        return absolute(text(parent, name, true), name);
    }

    /// Neither climbs: what is shown must be what is written.
    private String absolute(String path, String name) {
        boolean climbs = List.of(path.split("/")).contains("..");
        if (!path.startsWith("/") || climbs || Path.of(path).normalize().getNameCount() == 0) {
            throw wrong(file, "its " + name + " '" + path + "' is not an absolute path");
        }
        return Path.of(path).normalize().toString();
    }

    private String text(JsonNode parent, String name, boolean required) {
        JsonNode value = parent.path(name);
        if (!required && (value.isMissingNode() || value.isNull())) {
            return "";
        }
        if (!value.isTextual() || value.textValue().indexOf('\0') >= 0) {
            throw wrong(file, value.isMissingNode() ? name + " is missing" : name + " is no text");
        }
        return value.textValue();
    }

    private List<String> words(JsonNode parent, String name) {
        List<String> words = new ArrayList<>();
        for (JsonNode word : list(parent, name)) {
            if (!word.isTextual() || word.textValue().indexOf('\0') >= 0) {
                throw wrong(file, name + " holds what is no text");
            }
            words.add(word.textValue());
        }
        return words;
    }

    private List<JsonNode> list(JsonNode parent, String name) {
        JsonNode value = parent.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return List.of();
        }
        if (!value.isArray() || value.size() > MOST_ENTRIES) {
            throw wrong(file, name + (value.isArray() ? " has more than 4096 entries" : " is no list"));
        }
        List<JsonNode> all = new ArrayList<>();
        value.forEach(all::add);
        return all;
    }

    private static FaultException wrong(Path file, String why) {
        return FaultException.of(
                Fault.CORRUPT,
                "reading the CDI specification " + file + ": " + why,
                "have whoever wrote it write it again, for example: nvidia-ctk cdi generate");
    }
}
