package dev.sequitur.deploy.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/** Which faults shall come, in the order of their time. */
public final class FaultPlan {
    /**
     * A fault to come. It starts with the first reading, not before its time, of a healthy vehicle on which it shows.
     *
     * @param vehicle empty: whichever comes first
     */
    public record Planned(FaultKind kind, long notBeforeMs, Optional<String> vehicle) {}

    private final Stream<Planned> planned;

    private FaultPlan(Stream<Planned> planned) {
        this.planned = planned;
    }

    public static FaultPlan none() {
        return new FaultPlan(Stream.empty());
    }

    /** These, in the order of their time. */
    public static FaultPlan of(List<Planned> planned) {
        return new FaultPlan(planned.stream());
    }

    /** For ever, one after each gap of event time, every kind as often as the others in an order drawn from the seed. */
    public static FaultPlan every(Duration gap, long fromMs, long seed) {
        Random random = new Random(seed);
        List<FaultKind> deck = new ArrayList<>();
        return new FaultPlan(Stream.iterate(1L, n -> n + 1).map(n -> {
            if (deck.isEmpty()) {
                Collections.addAll(deck, FaultKind.values());
                Collections.shuffle(deck, random);
            }
            return new Planned(deck.remove(deck.size() - 1), fromMs + n * gap.toMillis(), Optional.empty());
        }));
    }

    Iterator<Planned> iterator() {
        return planned.iterator();
    }
}
