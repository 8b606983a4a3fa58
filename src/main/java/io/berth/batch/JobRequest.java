package io.berth.batch;

import io.berth.image.ImageReference;
import java.util.List;
import java.util.Optional;

/// A job as the user asked for it.
///
/// @param image pinned by digest
/// @param asked the image as the user wrote it, for people
/// @param directives for `#SBATCH`, complete (`--nodes=3`), in the order given
/// @param mpi for `srun --mpi`
/// @param prepare options handed on to `berth node prepare`
/// @param command empty: what the image is for
public record JobRequest(
        ImageReference image,
        String asked,
        List<String> directives,
        Optional<String> mpi,
        List<String> prepare,
        List<String> command) {
    public JobRequest {
        directives = List.copyOf(directives);
        prepare = List.copyOf(prepare);
        command = List.copyOf(command);
    }
}
