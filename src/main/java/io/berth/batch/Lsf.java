package io.berth.batch;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Source: IBM Spectrum LSF 10.1, bsub.
public final class Lsf implements Scheduler {
    private static final Pattern JOB_ID = Pattern.compile("^Job <([0-9]+)> is submitted", Pattern.MULTILINE);

    @Override
    public String name() {
        return "lsf";
    }

    @Override
    public String template() {
        return "lsf.bsub";
    }

    @Override
    public List<String> launchers() {
        return List.of("openmpi", "mpich");
    }

    @Override
    public List<String> directives(Resources resources) {
        Amounts.Layout layout = Amounts.Layout.of(resources);
        List<String> options = new ArrayList<>();
        options.add("-n " + layout.tasks());
        if (layout.nodes() > 1 || layout.perNode() > 0) {
            options.add("-R \"span[ptile=" + layout.ranksOnANode() + "]\"");
        } else {
            options.add("-R \"span[hosts=1]\"");
        }
        if (layout.cpus() > 1) {
            options.add("-R \"affinity[core(" + layout.cpus() + ")]\"");
        }
        resources.memory().ifPresent(text -> options.add("-R \"rusage[mem=" + Amounts.megabytes(text) + "MB/host]\""));
        resources.time().ifPresent(text -> options.add("-W " + minutes(Amounts.time(text))));
        resources.gpus().ifPresent(text -> options.add("-gpu \"num=" + Amounts.count("--gpus", text) + "\""));
        resources.partition().ifPresent(text -> options.add("-q " + ShellWord.quote(text)));
        resources.account().ifPresent(text -> options.add("-P " + ShellWord.quote(text)));
        String name = resources.jobName().orElse("berth");
        resources
                .array()
                .map(Amounts.Range::parse)
                .map(range -> range.fromOne(this))
                .map(range -> name + "[" + range.text() + "]" + (range.atOnce() > 0 ? "%" + range.atOnce() : ""))
                .or(resources::jobName)
                .ifPresent(text -> options.add("-J " + ShellWord.quote(text)));
        resources.output().ifPresent(text -> options.add("-o " + ShellWord.quote(text)));
        options.addAll(resources.directives());
        return options.stream().map(option -> "#BSUB " + option).toList();
    }

    /// Rounded up, since it counts no seconds.
    private static String minutes(Duration time) {
        long minutes = (time.toSeconds() + 59) / 60;
        return "%d:%02d".formatted(minutes / 60, minutes % 60);
    }

    @Override
    public String program() {
        return "bsub";
    }

    @Override
    public List<String> submission(Path script) {
        return List.of("sh", "-c", "exec bsub < \"$1\"", "sh", script.toString());
    }

    @Override
    public Pattern answer() {
        return JOB_ID;
    }
}
