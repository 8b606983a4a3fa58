package io.berth.batch;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Source: qsub(1B), pbs_resources(7B) of OpenPBS 20.
public final class Pbs implements Scheduler {
    private static final Pattern JOB_ID = Pattern.compile("^([0-9]+(?:\\[\\])?[A-Za-z0-9._-]*)$", Pattern.MULTILINE);

    @Override
    public String name() {
        return "pbs";
    }

    @Override
    public String template() {
        return "pbs.qsub";
    }

    @Override
    public List<String> launchers() {
        return List.of("openmpi", "mpich");
    }

    @Override
    public List<String> directives(Resources resources) {
        List<String> options = new ArrayList<>();
        options.add("-l select=" + chunks(resources));
        resources.time().ifPresent(text -> options.add("-l walltime=" + Amounts.clock(Amounts.time(text))));
        resources.partition().ifPresent(text -> options.add("-q " + ShellWord.quote(text)));
        resources.account().ifPresent(text -> options.add("-A " + ShellWord.quote(text)));
        resources.array().map(Amounts.Range::parse).ifPresent(range -> {
            options.add("-J " + range.text() + (range.atOnce() > 0 ? "%" + range.atOnce() : ""));
        });
        resources.jobName().ifPresent(text -> options.add("-N " + ShellWord.quote(text)));
        resources.output().ifPresent(text -> options.add("-o " + ShellWord.quote(text)));
        options.addAll(resources.directives());
        return options.stream().map(option -> "#PBS " + option).toList();
    }

    private static String chunks(Resources resources) {
        Amounts.Layout layout = Amounts.Layout.of(resources);
        int ranks = layout.ranksOnANode();
        return layout.nodes() + ":ncpus=" + ranks * layout.cpus() + ":mpiprocs=" + ranks
                + resources
                        .gpus()
                        .map(text -> ":ngpus=" + Amounts.count("--gpus", text))
                        .orElse("")
                + resources
                        .memory()
                        .map(text -> ":mem=" + Amounts.megabytes(text) + "mb")
                        .orElse("");
    }

    @Override
    public String program() {
        return "qsub";
    }

    @Override
    public List<String> submission(Path script) {
        return List.of(program(), script.toString());
    }

    @Override
    public Pattern answer() {
        return JOB_ID;
    }
}
