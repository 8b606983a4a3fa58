package io.berth.batch;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a job asks of a batch system, in the user's words (those of sbatch).
///
/// @param nodes how many
/// @param tasks ranks in all
/// @param memory on each node, `4G` or a number of megabytes
/// @param time limit, in a form of sbatch's
/// @param array indices, `1-10%2`
/// @param directives handed on as they are
public record Resources(
        Optional<String> nodes,
        Optional<String> tasks,
        Optional<String> tasksPerNode,
        Optional<String> cpusPerTask,
        Optional<String> memory,
        Optional<String> time,
        Optional<String> partition,
        Optional<String> account,
        Optional<String> array,
        Optional<String> gpus,
        Optional<String> jobName,
        Optional<String> output,
        List<String> directives) {
    private static final Optional<String> NONE = Optional.empty();

    public Resources {
        directives = List.copyOf(directives);
    }

    /// The same and one directive more.
    public Resources with(String directive) {
        List<String> all = new ArrayList<>(directives);
        all.add(directive);
        return new Resources(
                nodes,
                tasks,
                tasksPerNode,
                cpusPerTask,
                memory,
                time,
                partition,
                account,
                array,
                gpus,
                jobName,
                output,
                all);
    }

    /// Only directives.
    public static Resources of(List<String> directives) {
        return new Resources(NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, directives);
    }
}
