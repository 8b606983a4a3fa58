package io.berth.process;

import io.berth.fault.FaultException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The text of a launch plan, as `berth-exec` reads it.
///
/// Source: docs/formats/launch-plan.md, version 1.
public final class PlanText {
    private final StringBuilder text = new StringBuilder("berth-plan 1\n");

    private PlanText() {}

    public static String of(LaunchPlan plan) {
        PlanText out = new PlanText();
        out.line("mode", plan.mode());
        out.owner(plan.owner());
        plan.stamps().forEach(out::stamp);
        out.environment(plan.environment());
        out.descriptors(plan.descriptors());
        out.start(plan.start());
        out.words("prefix", plan.prefix());
        out.words("command", plan.command());
        out.words("after", plan.after());
        return out.text.append("end\n").toString();
    }

    private void owner(LaunchPlan.Owner owner) {
        line("uid", Long.toString(owner.uid()));
        line("boot", owner.bootId());
        line("node", owner.node());
    }

    private void stamp(Stamp stamp) {
        Instant time = stamp.modified();
        String size = stamp.sizeBytes() < 0 ? "-" : Long.toString(stamp.sizeBytes());
        line(
                "stamp",
                stamp.path().toString(),
                Long.toString(stamp.inode()),
                size,
                time.getEpochSecond() + "." + "%09d".formatted(time.getNano()));
    }

    private void environment(EnvironmentPolicy policy) {
        policy.keep().forEach(glob -> line("keep-env", glob));
        policy.drop().forEach(glob -> line("drop-env", glob));
        policy.defaults().forEach((name, value) -> line("default-env", name, value));
        policy.settings().forEach((name, value) -> line("set-env", name, value));
    }

    private void descriptors(DescriptorPolicy policy) {
        switch (policy) {
            case DescriptorPolicy.All _ -> line("keep-fd", "all");
            case DescriptorPolicy.NamedBy(List<String> variables) ->
                variables.forEach(name -> line("keep-fd-env", name));
        }
    }

    private void start(LaunchPlan.Start start) {
        switch (start) {
            case LaunchPlan.Namespace namespace -> namespace(namespace);
            case LaunchPlan.Engine engine -> {
                words("engine", engine.program());
                for (Map.Entry<String, String> entry : engine.environment().entrySet()) {
                    line("engine-env", entry.getKey(), entry.getValue());
                }
                line("engine-init", engine.initPath());
            }
        }
    }

    private void namespace(LaunchPlan.Namespace namespace) {
        line("namespace", "user,mount");
        line("identity", Long.toString(namespace.uid()), Long.toString(namespace.gid()));
        namespace.share().ifPresent(share -> line("share", share.folder().toString(), share.variable()));
        line("root", namespace.root().toString(), namespace.readOnly() ? "ro" : "rw");
        namespace.mounts().forEach(this::mount);
        line("workdir", namespace.workingDirectory());
    }

    private void mount(Mount mount) {
        switch (mount) {
            case Mount.Bind bind -> {
                String flags = (bind.readOnly() ? "ro" : "rw") + ",rec" + (bind.optional() ? ",optional" : "");
                line("bind", bind.source().toString(), bind.target(), flags);
            }
            case Mount.Tmpfs(String target, String options) -> line("tmpfs", target, options);
        }
    }

    private void words(String directive, List<String> words) {
        if (!words.isEmpty()) {
            line(directive, words.toArray(String[]::new));
        }
    }

    private void line(String directive, String... words) {
        List<String> all = new ArrayList<>();
        all.add(directive);
        for (String word : words) {
            all.add(encode(word));
        }
        text.append(String.join(" ", all)).append('\n');
    }

    /// One word: bytes that are not printable, and `%`, as `%XX`; the empty word as `%`.
    static String encode(String word) {
        if (word.isEmpty()) {
            return "%";
        }
        StringBuilder out = new StringBuilder();
        for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
            int value = b & 0xff;
            if (value == 0) {
                throw FaultException.badInput(
                        "writing a launch plan: a word holds a NUL byte", "remove it from the arguments or variables");
            }
            if (value <= 0x20 || value > 0x7e || value == '%') {
                out.append('%').append("%02X".formatted(value));
            } else {
                out.append((char) value);
            }
        }
        return out.toString();
    }
}
