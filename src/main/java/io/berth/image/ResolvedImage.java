package io.berth.image;

/// An image as the registry describes it, not yet fetched.
///
/// @param manifestJson the manifest as received: the digest is over these bytes (UTF-8), so they are kept as they
/// came
/// @param digest of the manifest as the registry has it; what a job pins. For manifests of schema 1 that is not
///     `manifestJson`, which says the same in today's form
public record ResolvedImage(ImageReference reference, Digest digest, String manifestJson, Manifest manifest) {}
