package io.berth.batch;

import io.berth.stage.JobKey;

/// The job and node that this process serves.
///
/// @param workingDirectory where the job was submitted from; jobs start there
public record NodeContext(JobKey job, String node, String workingDirectory) {}
