package dev.sequitur.model.spec;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 500ms 30s 15m 2h 1d}, or ISO-8601. */
public final class Durations {
    private static final Pattern SHORT = Pattern.compile("(\\d{1,18})\\s*(ms|s|m|h|d)");

    private Durations() {}

    /** @throws IllegalArgumentException when the text is no duration of whole milliseconds that fit a long */
    public static Duration parse(String text) {
        try {
            Matcher matcher = SHORT.matcher(text);
            Duration duration =
                    matcher.matches() ? of(Long.parseLong(matcher.group(1)), matcher.group(2)) : Duration.parse(text);
            if (!Duration.ofMillis(duration.toMillis()).equals(duration)) {
                throw new IllegalArgumentException("expected whole milliseconds, got '" + text + "'.");
            }
            return duration;
        } catch (DateTimeParseException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    "expected a duration such as 500ms, 30s, 15m, 2h, 1d or PT1H30M, got '" + text + "'.", e);
        }
    }

    private static Duration of(long amount, String unit) {
        return switch (unit) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            case "d" -> Duration.ofDays(amount);
            default -> throw new IllegalStateException("unit " + unit);
        };
    }
}
