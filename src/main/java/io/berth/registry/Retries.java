package io.berth.registry;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.concurrent.ThreadLocalRandom;

/// How often to try, and how long to wait in between: 0.3 s, doubled each time up to 5 s, with a quarter added by
/// chance so that the nodes of a job do not come back together.
record Retries(int attempts, Pause pause) {
    private static final Duration FIRST = Duration.ofMillis(300);
    private static final Duration LONGEST = Duration.ofSeconds(5);
    /// A registry that wants us to wait longer is asked earlier all the same; the user hears what it says then.
    static final Duration LONGEST_ASKED_FOR = Duration.ofSeconds(30);

    /// Lets time pass.
    interface Pause {
        void of(Duration time) throws InterruptedException;
    }

    /// Sends one request.
    interface Sending {
        Answer send() throws UnreachedException;
    }

    /// Makes something of a good answer.
    interface Reading<T> {
        T read(Answer answer) throws IOException;
    }

    /// Sends until a good answer came and could be read, or nothing more is to be hoped for.
    ///
    /// Errors: NOT_FOUND and NOT_ALLOWED as the server says; UNREACHABLE when the attempts are used
    /// up; INTERRUPTED.
    <T> T answer(String doing, String host, Sending sending, Reading<T> reading) {
        for (int attempt = 1; ; attempt++) {
            Duration askedFor = Duration.ZERO;
            try {
                Answer answer = sending.send();
                if (answer.isGood()) {
                    return read(reading, answer);
                }
                Refusal refusal = Refusal.read(answer);
                answer.close();
                if (!refusal.isWorthARetry() || isLast(attempt)) {
                    throw refusal.during(doing);
                }
                askedFor = retryAfter(answer.header("Retry-After").orElse(""));
            } catch (IOException e) {
                NetworkTrouble trouble = NetworkTrouble.of(e);
                if (Thread.currentThread().isInterrupted()) {
                    throw interrupted(doing, e);
                }
                if (!trouble.isPassing() || isLast(attempt)) {
                    throw trouble.during(doing, e instanceof UnreachedException unreached ? unreached.host() : host, e);
                }
            }
            pauseAfter(attempt, askedFor, doing);
        }
    }

    private static <T> T read(Reading<T> reading, Answer answer) throws IOException {
        try {
            return reading.read(answer);
        } catch (IOException | FaultException e) {
            answer.abandon();
            throw e;
        }
    }

    private static FaultException interrupted(String doing, Exception cause) {
        return FaultException.of(Fault.INTERRUPTED, doing + ": interrupted", "run it again", cause);
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
            throw interrupted(doing, e);
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
