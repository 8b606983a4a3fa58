package io.berth.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.json.JsonTree;
import java.io.IOException;

/// An answer that is not what we asked for, in words.
///
/// Shape: `says` is what the registry gave as its reason (`CODE: message`), in one line, without query strings; empty
/// when it gave none.
/// Source: distribution-spec 1.1, "Error Codes".
record Refusal(int status, String host, String says) {
    private static final int MAX_SHOWN = 200;

    /// Reads what is left of the answer.
    static Refusal read(Answer answer) {
        return new Refusal(answer.status(), answer.host(), reasonIn(answer.errorText()));
    }

    boolean isWorthARetry() {
        return status == 429 || status == 408 || status >= 500;
    }

    FaultException during(String doing) {
        String reason = says.isEmpty() ? "" : ": " + says;
        return FaultException.of(
                fault(), doing + " from " + host + ": " + meaning() + " (" + status + ")" + reason, hint());
    }

    private Fault fault() {
        return switch (status) {
            case 401, 403 -> Fault.NOT_ALLOWED;
            case 400, 404, 405, 406, 410 -> Fault.NOT_FOUND;
            case 416 -> Fault.CORRUPT;
            default -> Fault.UNREACHABLE;
        };
    }

    private String meaning() {
        return switch (status) {
            case 401, 403 -> "access denied";
            case 404, 410 -> "not found";
            case 416 -> "it has fewer bytes than the manifest says";
            case 429 -> "too many requests";
            default -> status >= 500 ? "the server failed" : "unexpected answer";
        };
    }

    private String hint() {
        return switch (status) {
            case 401, 403 -> "run 'berth login" + loginOption() + "', or check the spelling of the repository";
            case 404, 410 -> "check the spelling; on private registries, whether you may see the repository";
            case 416 -> "try again; if it stays so, tell whoever runs " + host;
            case 429 -> "wait before you try again; logging in often raises the limit";
            default -> status >= 500 ? "try again later" : "check that " + host + " is a registry";
        };
    }

    private String loginOption() {
        return host.equals("registry-1.docker.io") ? "" : " --registry=" + host;
    }

    private static String reasonIn(String body) {
        try {
            JsonNode first = JsonTree.parse(body).path("errors").path(0);
            String code = first.path("code").asText("");
            String message = first.path("message").asText("");
            return shown(code.isEmpty() || message.isEmpty() ? code + message : code + ": " + message);
        } catch (IOException e) {
            return "";
        }
    }

    private static String shown(String text) {
        String line = text.replaceAll("(https?://[^\\s?]*)\\?\\S*", "$1")
                .replaceAll("[\\p{Cntrl}\\s]+", " ")
                .strip();
        return line.length() > MAX_SHOWN ? line.substring(0, MAX_SHOWN) + "..." : line;
    }
}
