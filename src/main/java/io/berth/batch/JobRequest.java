package io.berth.batch;

import io.berth.image.ImageReference;
import java.util.List;
import java.util.Optional;

/// A job as the user asked for it.
///
/// @param image pinned by digest
/// @param asked the image as the user wrote it, for people
/// @param mpi how ranks are started and find each other; one of the scheduler's launchers, or `none`
/// @param prepare options handed on to `berth node prepare`
/// @param command empty: what the image is for
public record JobRequest(
        Scheduler scheduler,
        ImageReference image,
        String asked,
        Resources resources,
        Optional<String> mpi,
        List<String> prepare,
        List<String> command) {
    public JobRequest {
        prepare = List.copyOf(prepare);
        command = List.copyOf(command);
    }
}
