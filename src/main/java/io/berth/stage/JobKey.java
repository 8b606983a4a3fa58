package io.berth.stage;

import io.berth.fault.FaultException;

/// A job and how often it was started again, as `JOB.RESTART`: what one start left must not serve the next.
public record JobKey(String job, int restart) {
    public JobKey {
        if (!job.matches("[A-Za-z0-9_-]{1,64}") || restart < 0) {
            throw FaultException.badInput(
                    "reading job id '" + job + "." + restart + "': it is not one", "run this inside a batch job");
        }
    }

    @Override
    public String toString() {
        return job + "." + restart;
    }
}
