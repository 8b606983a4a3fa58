package io.berth.image;

import java.util.List;

/// Media types of manifests, in the order in which we prefer them, and of configurations.
///
/// Source: OCI image-spec 1.1, media-types.md; Docker distribution, manifest V2 schema 2.
public final class MediaTypes {
    public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
    public static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    public static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
    public static final String DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
    public static final String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";

    public static final String DOCKER_SIGNED = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    public static final String DOCKER_OLD = "application/vnd.docker.distribution.manifest.v1+json";

    public static final List<String> MANIFESTS =
            List.of(OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST, DOCKER_SIGNED, DOCKER_OLD);

    private MediaTypes() {}
}
