package io.berth.stage;

import io.berth.image.Digest;
import java.nio.file.Path;

/// Where things are in a node-local repository; no input or output. The job script and the plugin build the same
/// paths.
///
/// Source: docs/formats/stage.md.
///
/// @param base `NODE_DIR/berth-UID`, private to the user
public record StageLayout(Path base) {
    /// Begins the names of images that are being unpacked.
    static final String DRAFT = ".draft-";
    /// In an image's folder: the id of the boot in which it was made.
    static final String BOOT = "boot";

    public static StageLayout of(Path nodeDirectory, long uid) {
        return new StageLayout(nodeDirectory.resolve("berth-" + uid));
    }

    Path images() {
        return base.resolve("images");
    }

    public Path image(Digest digest) {
        return images().resolve(digest.hex());
    }

    Path imageDraft(Digest digest, String unique) {
        return images().resolve(DRAFT + digest.hex() + "-" + unique);
    }

    /// Trees made of images for modes that cannot use them as they are.
    Path variants() {
        return base.resolve("ready");
    }

    /// Nobody but this user can name a variant.
    Path variant(Digest digest, String key) {
        return variants().resolve(digest.hex() + "-" + key);
    }

    Path jobs() {
        return base.resolve("jobs");
    }

    Path job(JobKey job) {
        return jobs().resolve(job.toString());
    }

    Path leases() {
        return base.resolve("leases");
    }

    Path imageLease(Digest digest) {
        return leases().resolve("image-" + digest.hex());
    }

    Path stepLease(JobKey job, String step) {
        return leases().resolve("job-" + job + "-" + step);
    }

    /// No step's name begins with a dot.
    public Path named(JobKey job, TreeName name) {
        return name.ofNode() ? base.resolve("named").resolve(name.name()) : job(job).resolve(".named-" + name.name());
    }

    Path namedLease(JobKey job, TreeName name) {
        return leases().resolve(name.ofNode() ? "named-" + name.name() : "job-" + job + "-.named-" + name.name());
    }

    public StepFolder step(JobKey job, String step) {
        return new StepFolder(job(job).resolve(step));
    }
}
