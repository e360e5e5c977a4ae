package dev.sequitur.model.data;

import dev.sequitur.model.spec.PipelineSpec.SplitSpec;
import dev.sequitur.model.spec.SpecException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * What of the data is for training, what stops it, and what it must not see.
 *
 * @param parts of each sequence, of each of its events
 */
public record Split(List<List<Part>> parts) {
    /** What an event is for. */
    public enum Part {
        TRAIN,
        VALIDATION,
        TEST
    }

    public Split {
        parts = List.copyOf(parts);
    }

    public Part part(int sequence, int event) {
        return parts.get(sequence).get(event);
    }

    /** Events of a part. */
    public long count(Part part) {
        return parts.stream()
                .mapToLong(events -> Collections.frequency(events, part))
                .sum();
    }

    /**
     * Splits as the spec says: test is cut off the end, then validation off the end of the rest. By time, events at a cut
     * belong to the later part, and an entity may have events in several parts.
     *
     * @throws SpecException when a part that the spec asks for comes out empty
     */
    public static Split of(List<EntitySequence> sequences, SplitSpec spec) {
        Split split = spec.by() == SplitSpec.By.ENTITY ? byEntity(sequences, spec) : byTime(sequences, spec);
        for (Part part : Part.values()) {
            boolean asked = part != Part.TEST || spec.test() > 0;
            if (asked && split.count(part) == 0) {
                throw new SpecException("training.split (by " + spec.by().name().toLowerCase(Locale.ROOT)
                        + ", test " + spec.test() + ", validation " + spec.validation() + ") leaves no event for "
                        + part + " of " + sequences.size() + " entities. Change the shares, split by the other way, or"
                        + " give more data.");
            }
        }
        return split;
    }

    private static Split byEntity(List<EntitySequence> sequences, SplitSpec spec) {
        long seen = kept(sequences.size(), spec.test());
        long train = kept(seen, spec.validation());
        List<List<Part>> parts = new ArrayList<>(sequences.size());
        for (int i = 0; i < sequences.size(); i++) {
            Part part = i < train ? Part.TRAIN : i < seen ? Part.VALIDATION : Part.TEST;
            parts.add(Collections.nCopies(sequences.get(i).events().size(), part));
        }
        return new Split(parts);
    }

    private static Split byTime(List<EntitySequence> sequences, SplitSpec spec) {
        long[] times = sequences.stream()
                .flatMap(sequence -> sequence.events().stream())
                .mapToLong(Event::timeMs)
                .sorted()
                .toArray();
        long test = cut(times, times.length, spec.test());
        int rest = (int) Arrays.stream(times).takeWhile(time -> time < test).count();
        long validation = cut(times, rest, spec.validation());
        return new Split(sequences.stream()
                .map(sequence -> sequence.events().stream()
                        .map(event -> event.timeMs() >= test
                                ? Part.TEST
                                : event.timeMs() >= validation ? Part.VALIDATION : Part.TRAIN)
                        .toList())
                .toList());
    }

    /** Where the last {@code share} of the first {@code n} times begins; later than all where that is none. */
    private static long cut(long[] times, int n, double share) {
        int before = (int) kept(n, share);
        return before < n ? times[before] : Long.MAX_VALUE;
    }

    private static long kept(long n, double share) {
        return n - Math.round(n * share);
    }
}
