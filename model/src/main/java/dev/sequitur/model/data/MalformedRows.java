package dev.sequitur.model.data;

import dev.sequitur.model.data.MalformedEventException.Reason;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The rows that were skipped as malformed: how many for which reason, and the first of them with their places.
 *
 * <p>Threading: belongs to one thread.
 */
public final class MalformedRows {
    private static final int NAMED = 10;

    private final long limit;
    private final Map<Reason, Long> counts = new EnumMap<>(Reason.class);
    private final List<String> first = new ArrayList<>();

    /** @param limit rows that may be skipped */
    public MalformedRows(long limit) {
        if (limit < 0) {
            throw new IllegalArgumentException("the limit of malformed rows must be >= 0, got " + limit);
        }
        this.limit = limit;
    }

    /**
     * Counts a row.
     *
     * @param place where the row stands, for people
     * @throws TooManyMalformedRowsException when the row is one more than may be skipped
     */
    public void add(String place, MalformedEventException problem) {
        counts.merge(problem.reason(), 1L, Long::sum);
        if (first.size() < NAMED) {
            first.add(place + ": " + problem.getMessage());
        }
        if (count() > limit) {
            throw new TooManyMalformedRowsException("More than " + limit + " malformed rows, the last of them "
                    + place + ". Mend the data or the spec, or raise data.max-malformed." + System.lineSeparator()
                    + report());
        }
    }

    public long count() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    public long count(Reason reason) {
        return counts.getOrDefault(reason, 0L);
    }

    /** The counts by reason, and the first rows, one a line. */
    public String report() {
        if (counts.isEmpty()) {
            return "No malformed rows.";
        }
        String reasons = counts.entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey().code())
                .collect(Collectors.joining(", "));
        String more =
                count() > first.size() ? System.lineSeparator() + "  … and " + (count() - first.size()) + " more" : "";
        return count() + " malformed " + (count() == 1 ? "row: " : "rows: ") + reasons
                + first.stream().map(row -> System.lineSeparator() + "  " + row).collect(Collectors.joining())
                + more;
    }
}
