package io.berth.engine;

import io.berth.container.ContainerSpec;
import io.berth.container.SubIdWish;
import io.berth.files.Evidence;
import io.berth.process.LaunchPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Subordinate ids in R modes: with them a container has as many users as the host gives.
///
/// Whether they can be used is tried, and only when they are wished.
public final class RealIds {
    private final SubIdRanges ranges;
    private final KeptTrials trials;

    public RealIds(SubIdRanges ranges, KeptTrials trials) {
        this.ranges = ranges;
        this.trials = trials;
    }

    /// Why ids that are required cannot be used, as the end of "MODE cannot ...".
    public Optional<String> objection(ContainerSpec spec) {
        return spec.wishes().subIds() == SubIdWish.REQUIRED
                ? against(spec).map(why -> "use subordinate ids: " + why)
                : Optional.empty();
    }

    /// Those that a plan has.
    public Optional<LaunchPlan.SubIds> of(ContainerSpec spec) {
        return spec.wishes().subIds() != SubIdWish.NO
                        && against(spec).isEmpty()
                        && ranges.find() instanceof SubIdRanges.Found.Some(LaunchPlan.SubIds ids)
                ? Optional.of(ids)
                : Optional.empty();
    }

    /// Who there is inside, and why no others, for people.
    public String explained(ContainerSpec spec) {
        if (spec.wishes().subIds() == SubIdWish.NO) {
            return "one user and one group: subordinate ids were not asked for (--subids, or the setting 'subids')";
        }
        return of(spec).map(ids -> "user 0 is you, users 1 to " + ids.uids() + " are " + range(ids.uid(), ids.uids())
                        + " of the host; groups 1 to " + ids.gids() + " are " + range(ids.gid(), ids.gids()))
                .orElseGet(() -> "one user and one group, no subordinate ids: "
                        + against(spec).orElseThrow());
    }

    /// Takes what a plan with or without them rests on.
    public void note(ContainerSpec spec, Evidence evidence) {
        if (spec.wishes().subIds() != SubIdWish.NO
                && ranges.find() instanceof SubIdRanges.Found.Some(LaunchPlan.SubIds ids)) {
            trials.note(trial(ids), programs(ids), evidence);
        }
    }

    private Optional<String> against(ContainerSpec spec) {
        if (spec.asCaller()) {
            return Optional.of("the user inside is your own, who is user 0 with them; name another with --user");
        }
        return switch (ranges.find()) {
            case SubIdRanges.Found.None(String why) -> Optional.of(why);
            case SubIdRanges.Found.Some(LaunchPlan.SubIds ids)
            when !ids.hold(spec.uid(), spec.gid()) ->
                Optional.of("user " + spec.uid() + " and group " + spec.gid() + " are beyond yours, which end with "
                        + ids.uids() + " and " + ids.gids());
            case SubIdRanges.Found.Some(LaunchPlan.SubIds ids) -> trials.failure(trial(ids), programs(ids));
        };
    }

    private static List<String> trial(LaunchPlan.SubIds ids) {
        List<String> words = new ArrayList<>(List.of("--probe-subids"));
        words.addAll(ids.words());
        return words;
    }

    private static List<Path> programs(LaunchPlan.SubIds ids) {
        return List.of(ids.newuidmap(), ids.newgidmap());
    }

    private static String range(long first, long count) {
        return first + " to " + (first + count - 1);
    }
}
