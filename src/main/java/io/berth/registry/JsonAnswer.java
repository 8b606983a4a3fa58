package io.berth.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.json.JsonTree;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// Reads an answer that should be JSON.
final class JsonAnswer {
    private JsonAnswer() {}

    /// Errors: CORRUPT when it is longer than the limit or no JSON.
    static JsonNode read(Answer answer, int maxBytes, String doing) throws IOException {
        byte[] bytes = answer.body().readNBytes(maxBytes + 1);
        if (bytes.length > maxBytes) {
            throw corrupt(answer, doing, "the answer is longer than " + maxBytes + " bytes");
        }
        if (bytes.length < answer.contentLength().orElse(0)) {
            throw new EOFException("ended early");
        }
        answer.close();
        try {
            return JsonTree.parse(new String(bytes, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw corrupt(answer, doing, "the answer is not JSON");
        }
    }

    private static FaultException corrupt(Answer answer, String doing, String why) {
        return FaultException.of(
                Fault.CORRUPT, doing + " from " + answer.host() + ": " + why, "check that it is a registry");
    }
}
