package io.berth.image;

/// An image as the registry describes it, not yet fetched.
///
/// @param manifestJson the manifest as received: the digest is over these bytes (UTF-8), so they are kept as they
/// came
/// @param digest of `manifestJson`; what a job pins
public record ResolvedImage(ImageReference reference, Digest digest, String manifestJson, Manifest manifest) {}
