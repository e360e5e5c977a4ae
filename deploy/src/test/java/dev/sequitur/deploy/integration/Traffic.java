package dev.sequitur.deploy.integration;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.reference.TinyPipeline;
import dev.sequitur.model.spec.PipelineSpec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * A stream of many entities as it comes in practice: some events late, some sequences ending and beginning anew, some
 * records bad. A seed makes it repeatable.
 */
final class Traffic {
    private final EventBytes bytes;
    private final Random random;
    private final List<Input> inputs = new ArrayList<>();

    private Traffic(PipelineSpec spec, long seed) {
        bytes = new EventBytes(spec);
        random = new Random(seed);
    }

    /** @param spec of {@link TinyPipeline} */
    static List<Input> of(PipelineSpec spec, int entities, int eventsPerEntity, long seed) {
        Traffic traffic = new Traffic(spec, seed);
        TinyPipeline.events(entities, eventsPerEntity, seed).forEach(traffic::add);
        return traffic.inputs;
    }

    /**
     * A stream without an end.
     *
     * @param spec of {@link TinyPipeline}
     */
    static Supplier<Input> endless(PipelineSpec spec, Keys keys, int entities, long seed) {
        Traffic traffic = new Traffic(spec, seed);
        Map<Integer, Walk> walks = new HashMap<>();
        IntSupplier entity = keys.draw(entities, new Random(seed));
        Deque<Input> ahead = new ArrayDeque<>();
        return () -> {
            if (ahead.isEmpty()) {
                traffic.inputs.clear();
                traffic.add(walks.computeIfAbsent(entity.getAsInt(), e -> new Walk(e, seed))
                        .next());
                ahead.addAll(traffic.inputs);
            }
            return ahead.remove();
        };
    }

    /** One entity's events, one after the other without an end. */
    private static final class Walk {
        private static final int STRETCH = 50;
        private static final long PAUSE_MS = 60_000;

        private final String entity;
        private final Random seeds;
        private final Deque<Event> ahead = new ArrayDeque<>();
        private long shiftMs;
        private long lastMs;

        Walk(int entity, long seed) {
            this.entity = "entity-" + entity;
            this.seeds = new Random(seed + entity);
        }

        Event next() {
            if (ahead.isEmpty()) {
                ahead.addAll(TinyPipeline.events(1, STRETCH, seeds.nextLong()));
                shiftMs = lastMs == 0 ? 0 : lastMs + PAUSE_MS - ahead.getFirst().timeMs();
            }
            Event event = ahead.remove();
            lastMs = event.timeMs() + shiftMs;
            return new Event(entity, lastMs, event.values(), event.last());
        }
    }

    private void add(Event event) {
        Event sent = random.nextInt(30) == 0 ? at(event, event.timeMs() - 3_600_000) : event;
        inputs.add(bytes.input(sent));
        if (random.nextInt(25) == 0) {
            inputs.add(bad(event));
        }
        if (random.nextInt(40) == 0) {
            inputs.add(Input.end(event.entity()));
            if (random.nextInt(4) == 0) {
                // A second END has nothing to end.
                inputs.add(Input.end(event.entity()));
            }
        }
    }

    private Input bad(Event event) {
        byte[] key = Input.utf8(event.entity());
        byte[] value = bytes.of(event);
        return switch (random.nextInt(6)) {
            case 0 -> Input.bad("undecodable", key, Arrays.copyOf(value, value.length - 1));
            case 1 -> Input.bad("unknown-schema", key, unknownSchema());
            case 2 -> Input.bad("not-finite", key, bytes.of(level(event, Double.NaN)));
            case 3 -> Input.bad("null-key", null, value);
            case 4 -> Input.bad("key-mismatch", Input.utf8("someone else"), value);
            default -> Input.bad("time-out-of-range", key, bytes.of(at(event, -1)));
        };
    }

    static byte[] unknownSchema() {
        GenericRecord record = new GenericData.Record(
                SchemaBuilder.record("Unknown").fields().requiredString("id").endRecord());
        record.put("id", "entity-1");
        return EventBytes.of(record);
    }

    static Event at(Event event, long timeMs) {
        return new Event(event.entity(), timeMs, event.values(), event.last());
    }

    /** The event with another level. */
    static Event level(Event event, Double level) {
        return with(event, 1, level);
    }

    /** The event with another letter. */
    static Event letter(Event event, String letter) {
        return with(event, 0, letter);
    }

    private static Event with(Event event, int field, Object value) {
        Object[] values = event.values().clone();
        values[field] = value;
        return new Event(event.entity(), event.timeMs(), values, event.last());
    }
}
