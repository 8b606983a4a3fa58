package io.berth.registry;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.Digest;
import io.berth.image.ImageReference;
import java.util.Map;

/// Asks how large a blob is.
///
/// Source: distribution-spec 1.1, "Checking if content exists in the registry".
record SizeEndpoint(ImageReference reference, Digest digest) implements Endpoint<Long> {
    @Override
    public String doing() {
        return "asking for the size of " + digest.algorithm() + ":" + digest.shortened() + " of " + reference;
    }

    @Override
    public String method() {
        return "HEAD";
    }

    @Override
    public String route() {
        return "blobs/" + digest;
    }

    @Override
    public Map<String, String> headers() {
        return Map.of("Accept", "*/*");
    }

    @Override
    public Long read(Answer answer) {
        answer.close();
        return answer.contentLength()
                .orElseThrow(() -> FaultException.of(
                        Fault.CORRUPT,
                        doing() + " from " + answer.host() + ": it does not say",
                        "have the image pushed again by a newer program"));
    }
}
