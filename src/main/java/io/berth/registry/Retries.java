package io.berth.registry;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.concurrent.ThreadLocalRandom;

/// How often to try, and how long to wait in between: 0.3 s, doubled each time up to 5 s, with a quarter added by
/// chance
/// so that the nodes of a job do not come back together.
record Retries(int attempts, Pause pause) {
    private static final Duration FIRST = Duration.ofMillis(300);
    private static final Duration LONGEST = Duration.ofSeconds(5);
    /// A registry that wants us to wait longer is asked earlier all the same; the user hears what it says then.
    static final Duration LONGEST_ASKED_FOR = Duration.ofSeconds(30);

    /// Lets time pass.
    interface Pause {
        void of(Duration time) throws InterruptedException;
    }

    boolean isLast(int attempt) {
        return attempt >= attempts;
    }

    /// @param attempt the one that failed, from 1
    /// @param askedFor what the registry wants us to wait, or zero
    void pauseAfter(int attempt, Duration askedFor, String doing) {
        Duration doubled = FIRST.multipliedBy(1L << Math.min(attempt - 1, 10));
        Duration wait = longer(shorter(doubled, LONGEST), shorter(askedFor, LONGEST_ASKED_FOR));
        try {
            pause.of(wait.plusMillis(ThreadLocalRandom.current().nextLong(wait.toMillis() / 4 + 1)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw FaultException.of(Fault.INTERRUPTED, doing + ": interrupted", "run it again", e);
        }
    }

    /// Source: RFC 9110, section 10.2.3: seconds or a date. What cannot be read is zero.
    static Duration retryAfter(String header) {
        if (header.matches("[0-9]{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(header));
        }
        try {
            Instant then = ZonedDateTime.parse(header, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return longer(Duration.between(Instant.now(), then), Duration.ZERO);
        } catch (DateTimeParseException e) {
            return Duration.ZERO;
        }
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
