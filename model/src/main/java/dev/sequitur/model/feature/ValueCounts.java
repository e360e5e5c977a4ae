package dev.sequitur.model.feature;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How often each value of a categorical field came. Exact while the values are few. A column that has a new value in
 * nearly every event would fill the memory, so beyond a bound the rarest half is forgotten: lossy counting (Manku and
 * Motwani 2002, "Approximate frequency counts over data streams"), with a bound on the entries instead of the error. What
 * is forgotten came at most as often as the rarest value that was kept then.
 */
final class ValueCounts {
    /** At the least; some 20 MB of them. */
    static final int MOST = 200_000;

    private final int most;
    private final Map<String, Long> counts = new HashMap<>();
    private long total;
    private long forgotten;

    /** @param wanted values that are wanted in the end */
    ValueCounts(int wanted) {
        most = Math.max(MOST, 4 * wanted);
    }

    void add(String value) {
        total++;
        counts.merge(value, 1L, Long::sum);
        if (counts.size() > most) {
            forgetRarest();
        }
    }

    private void forgetRarest() {
        long median = counts.values().stream()
                .sorted()
                .skip(counts.size() / 2)
                .findFirst()
                .orElseThrow();
        int before = counts.size();
        counts.values().removeIf(count -> count < median);
        if (counts.size() > most / 2) {
            // Half of them came equally often: of those, the ones that are kept are any, but the same in each run.
            List<String> equal = counts.entrySet().stream()
                    .filter(entry -> entry.getValue() == median)
                    .map(Map.Entry::getKey)
                    .sorted(Comparator.reverseOrder())
                    .limit(counts.size() - most / 2)
                    .toList();
            equal.forEach(counts::remove);
        }
        forgotten += before - counts.size();
    }

    /** Events that had a value. */
    long total() {
        return total;
    }

    /** Whether no value was forgotten. */
    boolean exact() {
        return forgotten == 0;
    }

    /** Different values. Where some were forgotten, at most so many: one that came again after that counts again. */
    long distinct() {
        return counts.size() + forgotten;
    }

    /** Values that came at least so often, the most frequent ones first, equal ones by name. */
    List<String> mostFrequent(int atLeast, int size) {
        return counts.entrySet().stream()
                .filter(entry -> entry.getValue() >= atLeast)
                .sorted(Comparator.comparing((Map.Entry<String, Long> entry) -> -entry.getValue())
                        .thenComparing(Map.Entry::getKey))
                .limit(size)
                .map(Map.Entry::getKey)
                .toList();
    }
}
