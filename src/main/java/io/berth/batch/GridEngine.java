package io.berth.batch;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Source: qsub(1) of Grid Engine 8.1.
public final class GridEngine implements Scheduler {
    private static final Pattern JOB_ID = Pattern.compile("^([0-9]+)(?:\\.[0-9:-]+)?$", Pattern.MULTILINE);

    @Override
    public String name() {
        return "gridengine";
    }

    @Override
    public String template() {
        return "gridengine.qsub";
    }

    @Override
    public List<String> launchers() {
        return List.of("openmpi", "mpich");
    }

    @Override
    public List<String> directives(Resources resources) {
        if (resources.nodes().isPresent() || resources.tasksPerNode().isPresent()) {
            throw Scheduler.cannot(
                    this, "nodes", "its parallel environment places the tasks: --tasks=12 --directive='-pe mpi 12'");
        }
        List<String> options = new ArrayList<>();
        Amounts.Layout layout = Amounts.Layout.of(resources);
        int slots = layout.tasks() * layout.cpus();
        if (slots > 1 && resources.directives().stream().noneMatch(line -> line.startsWith("-pe "))) {
            options.add("-pe smp " + slots);
        }
        resources.memory().ifPresent(text -> options.add("-l mem_free=" + Amounts.megabytes(text) + "M"));
        resources
                .time()
                .ifPresent(text -> options.add("-l h_rt=" + Amounts.time(text).toSeconds()));
        resources.gpus().ifPresent(text -> options.add("-l gpu=" + Amounts.count("--gpus", text)));
        resources.partition().ifPresent(text -> options.add("-q " + ShellWord.quote(text)));
        resources.account().ifPresent(text -> options.add("-A " + ShellWord.quote(text)));
        resources.array().map(Amounts.Range::parse).ifPresent(range -> {
            options.add("-t " + range.fromOne(this).text());
            if (range.atOnce() > 0) {
                options.add("-tc " + range.atOnce());
            }
        });
        resources.jobName().ifPresent(text -> options.add("-N " + ShellWord.quote(text)));
        resources.output().ifPresent(text -> options.add("-o " + ShellWord.quote(text)));
        options.addAll(resources.directives());
        return options.stream().map(option -> "#$ " + option).toList();
    }

    @Override
    public String program() {
        return "qsub";
    }

    @Override
    public List<String> submission(Path script) {
        return List.of(program(), "-terse", script.toString());
    }

    @Override
    public Pattern answer() {
        return JOB_ID;
    }
}
