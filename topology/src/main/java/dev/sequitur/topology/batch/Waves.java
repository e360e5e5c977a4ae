package dev.sequitur.topology.batch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Cuts a batch into waves: the events of a wave belong to distinct entities and can be stepped side by side. */
public final class Waves {
    private Waves() {}

    /**
     * Wave n holds each entity's n-th event of the batch, in the batch's order; so an entity's events stay in order
     * over the waves, and the number of waves is the number of events of the busiest entity.
     */
    public static <E> List<List<E>> of(Iterable<E> events, Function<? super E, String> entity) {
        List<List<E>> waves = new ArrayList<>();
        Map<String, Integer> seen = new HashMap<>();
        for (E event : events) {
            int wave = seen.merge(entity.apply(event), 1, Integer::sum) - 1;
            if (wave == waves.size()) {
                waves.add(new ArrayList<>());
            }
            waves.get(wave).add(event);
        }
        return waves;
    }
}
