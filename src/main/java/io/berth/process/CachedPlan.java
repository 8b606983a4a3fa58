package io.berth.process;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// A plan for the front to start again, with all that has to be as it was for that.
///
/// Source: docs/formats/plan-cache.md, version 1.
///
/// @param seen lines that have to hold
/// @param notice printed before each start
/// @param banner the same, at a terminal
/// @param runs where the note of each run goes
public record CachedPlan(List<List<String>> seen, String notice, String banner, Optional<Runs> runs, LaunchPlan plan) {
    private static final String HEAD = "berth-cached-plan 1 ";

    public CachedPlan {
        seen = List.copyOf(seen);
    }

    /// @param note what each note says, but for who started the run
    public record Runs(Path folder, String note) {}

    /// @param key by which the front finds it
    public String text(String key) {
        StringBuilder body = new StringBuilder();
        line(body, List.of("key", key));
        seen.forEach(words -> line(body, words));
        runs.ifPresent(notes ->
                line(body, List.of("runs", notes.folder().toAbsolutePath().toString(), notes.note())));
        if (!notice.isEmpty()) {
            line(body, List.of("notice", notice));
        }
        if (!banner.isEmpty()) {
            line(body, List.of("banner", banner));
        }
        body.append("plan\n").append(PlanText.of(plan));
        return HEAD + sum(body.toString()) + "\n" + body;
    }

    private static void line(StringBuilder body, List<String> words) {
        String between = "";
        for (String word : words) {
            body.append(between).append(PlanText.encode(word));
            between = " ";
        }
        body.append('\n');
    }

    private static String sum(String text) {
        try {
            byte[] sum = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sum);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
