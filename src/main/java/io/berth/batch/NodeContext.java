package io.berth.batch;

import io.berth.stage.JobKey;

/// The job and node that this process serves.
///
/// @param workingDirectory where the job was submitted from; jobs start there
/// @param gpus whether the batch system gave the job GPUs of this node
public record NodeContext(JobKey job, String node, String workingDirectory, boolean gpus) {
    /// Without GPUs.
    public NodeContext(JobKey job, String node, String workingDirectory) {
        this(job, node, workingDirectory, false);
    }
}
