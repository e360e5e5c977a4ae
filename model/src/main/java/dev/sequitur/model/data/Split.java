package dev.sequitur.model.data;

import dev.sequitur.model.scratch.NumberSpool;
import dev.sequitur.model.spec.PipelineSpec.SplitSpec;
import dev.sequitur.model.spec.SpecException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.LongUnaryOperator;

/**
 * What of the data is for training, what stops it, and what it must not see: test is cut off the end, then validation off
 * the end of the rest. By time, events at a cut belong to the later part, and an entity may have events in several parts.
 */
public final class Split {
    /** What an event is for. */
    public enum Part {
        TRAIN,
        VALIDATION,
        TEST
    }

    private final boolean byEntity;
    private final long validationFrom;
    private final long testFrom;
    private final long[] counts;

    /**
     * @param validationFrom an entity's place, or a time; the validation part begins there
     * @param counts events of each part
     */
    private Split(boolean byEntity, long validationFrom, long testFrom, long... counts) {
        this.byEntity = byEntity;
        this.validationFrom = validationFrom;
        this.testFrom = testFrom;
        this.counts = counts;
    }

    /**
     * @param entity its place among the entities, in the order of their first events
     * @param timeMs the event's
     */
    public Part part(int entity, long timeMs) {
        long at = byEntity ? entity : timeMs;
        return at >= testFrom ? Part.TEST : at >= validationFrom ? Part.VALIDATION : Part.TRAIN;
    }

    /** Events of a part. */
    public long count(Part part) {
        return counts[part.ordinal()];
    }

    /**
     * Splits as the spec says.
     *
     * @throws SpecException when a part that the spec asks for comes out empty
     */
    public static Split of(List<EntitySequence> sequences, SplitSpec spec) {
        if (spec.by() == SplitSpec.By.ENTITY) {
            return byEntity(sequences.stream().mapToLong(s -> s.events().size()).toArray(), spec);
        }
        long[] times = sequences.stream()
                .flatMap(sequence -> sequence.events().stream())
                .mapToLong(Event::timeMs)
                .sorted()
                .toArray();
        return byTime(
                new Times(times.length, before -> times[Math.toIntExact(before)], bound -> Arrays.stream(times)
                        .takeWhile(t -> t < bound)
                        .count()),
                sequences.size(),
                spec);
    }

    /**
     * Splits as the spec says, without taking the events into memory.
     *
     * @param directory for the times of the events
     * @throws SpecException when a part that the spec asks for comes out empty
     */
    public static Split of(GroupedEvents events, SplitSpec spec, Path directory) throws IOException {
        if (spec.by() == SplitSpec.By.ENTITY) {
            long[] counts = new long[events.entities()];
            for (int i = 0; i < counts.length; i++) {
                counts[i] = events.events(i);
            }
            return byEntity(counts, spec);
        }
        try (NumberSpool times = new NumberSpool(directory)) {
            events.forEach((entity, index, event) -> times.add(event.timeMs()));
            // Every time of an event is a whole double.
            Times onDisk =
                    new Times(times.size(), before -> (long) times.sorted(time -> time, before), bound -> times.stream()
                            .filter(time -> time < bound)
                            .count());
            return byTime(onDisk, events.entities(), spec);
        }
    }

    /**
     * Times of events.
     *
     * @param sorted the one that has so many others before it
     * @param below how many lie before a bound
     */
    private record Times(long size, LongUnaryOperator sorted, LongUnaryOperator below) {}

    private static Split byEntity(long[] events, SplitSpec spec) {
        long seen = kept(events.length, spec.test());
        long train = kept(seen, spec.validation());
        long[] counts = new long[Part.values().length];
        for (int i = 0; i < events.length; i++) {
            Part part = i < train ? Part.TRAIN : i < seen ? Part.VALIDATION : Part.TEST;
            counts[part.ordinal()] += events[i];
        }
        return checked(new Split(true, train, seen, counts), events.length, spec);
    }

    private static Split byTime(Times times, int entities, SplitSpec spec) {
        long test = cut(times, times.size(), spec.test());
        long rest = times.below().applyAsLong(test);
        long validation = cut(times, rest, spec.validation());
        long train = times.below().applyAsLong(Math.min(validation, test));
        return checked(new Split(false, validation, test, train, rest - train, times.size() - rest), entities, spec);
    }

    /** Where the last {@code share} of the first {@code n} times begins; later than all where that is none. */
    private static long cut(Times times, long n, double share) {
        long before = kept(n, share);
        return before < n ? times.sorted().applyAsLong(before) : Long.MAX_VALUE;
    }

    private static long kept(long n, double share) {
        return n - Math.round(n * share);
    }

    private static Split checked(Split split, int entities, SplitSpec spec) {
        for (Part part : Part.values()) {
            boolean asked = part != Part.TEST || spec.test() > 0;
            if (asked && split.count(part) == 0) {
                throw new SpecException("training.split (by " + spec.by().name().toLowerCase(Locale.ROOT)
                        + ", test " + spec.test() + ", validation " + spec.validation() + ") leaves no event for "
                        + part + " of " + entities + " entities. Change the shares, split by the other way, or"
                        + " give more data.");
            }
        }
        return split;
    }
}
