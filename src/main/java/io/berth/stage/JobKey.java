package io.berth.stage;

import io.berth.fault.FaultException;
import java.util.Optional;

/// A job and how often it was started again, as `JOB.RESTART`: what one start left must not serve the next.
public record JobKey(String job, int restart) {
    public JobKey {
        if (!job.matches("[A-Za-z0-9_-]{1,64}") || restart < 0) {
            throw FaultException.badInput(
                    "reading job id '" + job + "." + restart + "': it is not one", "run this inside a batch job");
        }
    }

    /// Empty when the text is no key.
    public static Optional<JobKey> parse(String text) {
        int dot = text.lastIndexOf('.');
        return text.matches("[A-Za-z0-9_-]{1,64}\\.[0-9]{1,6}")
                ? Optional.of(new JobKey(text.substring(0, dot), Integer.parseInt(text.substring(dot + 1))))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return job + "." + restart;
    }
}
