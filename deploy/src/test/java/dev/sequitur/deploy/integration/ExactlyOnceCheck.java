package dev.sequitur.deploy.integration;

import dev.sequitur.schemas.EntityState;
import dev.sequitur.schemas.FieldSurprise;
import dev.sequitur.schemas.Prediction;
import dev.sequitur.schemas.Score;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Compares what was committed with what must be there: nothing missing, nothing twice, each entity's results in the order
 * of its events, the right surprises and the right final states.
 */
final class ExactlyOnceCheck {
    /** float32 against double: the states lie in [-1,1], where float32 is good to 6e-8; measured are at most 1e-6. */
    static final double STATE_TOLERANCE = 1e-5;
    /** Of a surprise in nats, relative where it is above one; measured are at most 1e-5. */
    static final double SURPRISE_TOLERANCE = 1e-4;

    private final String model;
    private final Expected expected;
    private final boolean atLeastOnce;
    private final List<String> problems = new ArrayList<>();

    private ExactlyOnceCheck(String model, boolean atLeastOnce, Expected expected) {
        this.model = model;
        this.atLeastOnce = atLeastOnce;
        this.expected = expected;
    }

    /**
     * What is wrong; empty where nothing is.
     *
     * @param model fingerprint of the bundle
     */
    static List<String> problems(String model, Expected expected, Committed committed) {
        return problems(model, false, expected, committed);
    }

    /** @param atLeastOnce whether a result may come again, if it is the same */
    static List<String> problems(String model, boolean atLeastOnce, Expected expected, Committed committed) {
        ExactlyOnceCheck check = new ExactlyOnceCheck(model, atLeastOnce, expected);
        check.scores(committed);
        check.predictions(committed);
        check.deadLetters(committed);
        check.states(committed.states());
        return check.problems;
    }

    /** @param states by entity, null where there is none any more */
    static List<String> stateProblems(
            String model, boolean atLeastOnce, Expected expected, Map<String, EntityState> states) {
        ExactlyOnceCheck check = new ExactlyOnceCheck(model, atLeastOnce, expected);
        check.states(states);
        return check.problems;
    }

    private void scores(Committed committed) {
        Map<String, List<Score>> byEntity = committed.scores().stream()
                .collect(Collectors.groupingBy(Score::getEntity, LinkedHashMap::new, Collectors.toList()));
        for (String entity : union(expected.results.keySet(), byEntity.keySet())) {
            List<Expected.Result> wanted = expected.results.getOrDefault(entity, List.of());
            List<Score> got = byEntity.getOrDefault(entity, List.of());
            List<Place> places = got.stream()
                    .map(s -> new Place(s.getPartition(), s.getOffset()))
                    .toList();
            places(
                    "score of " + entity,
                    wanted.stream().map(Expected.Result::place).toList(),
                    places);
            Map<Place, Expected.Result> byPlace = new HashMap<>();
            wanted.forEach(result -> byPlace.put(result.place(), result));
            for (int i = 0; i < got.size(); i++) {
                if (byPlace.containsKey(places.get(i))) {
                    score(entity, byPlace.get(places.get(i)), got.get(i));
                }
            }
        }
    }

    private void score(String entity, Expected.Result wanted, Score got) {
        String what = "score of " + entity + " at " + wanted.place() + ": ";
        equal(what + "step", wanted.step(), got.getStep());
        equal(what + "event time", wanted.timeMs(), got.getEventTime().toEpochMilli());
        equal(what + "end", wanted.end(), got.getEnd());
        equal(what + "model", model, got.getModel());
        close(what + "surprise", wanted.surprise(), got.getSurprise(), SURPRISE_TOLERANCE);
        Map<String, Double> fields = new LinkedHashMap<>();
        for (FieldSurprise field : got.getFields()) {
            fields.put(field.getExpected().getField(), field.getSurprise());
        }
        equal(what + "fields", List.copyOf(wanted.surprises().keySet()), List.copyOf(fields.keySet()));
        fields.forEach((field, surprise) -> {
            if (wanted.surprises().containsKey(field)) {
                close(what + "surprise of " + field, wanted.surprises().get(field), surprise, SURPRISE_TOLERANCE);
            }
        });
    }

    private void predictions(Committed committed) {
        Map<String, List<Prediction>> byEntity = committed.predictions().stream()
                .collect(Collectors.groupingBy(Prediction::getEntity, LinkedHashMap::new, Collectors.toList()));
        for (String entity : union(expected.results.keySet(), byEntity.keySet())) {
            List<Expected.Result> wanted = expected.results.getOrDefault(entity, List.of()).stream()
                    .filter(Expected.Result::predicted)
                    .toList();
            List<Prediction> got = byEntity.getOrDefault(entity, List.of());
            List<Place> places = got.stream()
                    .map(p -> new Place(p.getPartition(), p.getOffset()))
                    .toList();
            places(
                    "prediction of " + entity,
                    wanted.stream().map(Expected.Result::place).toList(),
                    places);
            Map<Place, Expected.Result> byPlace = new HashMap<>();
            wanted.forEach(result -> byPlace.put(result.place(), result));
            for (int i = 0; i < got.size(); i++) {
                Expected.Result result = byPlace.get(places.get(i));
                if (result != null) {
                    String what = "prediction of " + entity + " at " + result.place() + ": ";
                    equal(what + "step", result.step(), got.get(i).getStep());
                    equal(
                            what + "event time",
                            result.timeMs(),
                            got.get(i).getEventTime().toEpochMilli());
                    equal(what + "model", model, got.get(i).getModel());
                }
            }
        }
    }

    private void deadLetters(Committed committed) {
        Map<Place, ConsumerRecord<byte[], byte[]>> letters = new HashMap<>();
        List<Place> places = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> letter : committed.deadLetters()) {
            Place place = place(letter);
            places.add(place);
            letters.put(place, letter);
        }
        // Dead letters keep no order: those of one input partition may lie in several of their topic.
        count("dead letter", List.copyOf(expected.rejected.keySet()), places);
        expected.rejected.forEach((place, sent) -> {
            ConsumerRecord<byte[], byte[]> letter = letters.get(place);
            if (letter != null) {
                String what = "dead letter of " + place + ": ";
                equal(what + "reason", expected.reasons.get(place), header(letter, "sequitur.reason"));
                if (header(letter, "sequitur.truncated-from") == null) {
                    equal(what + "key", content(sent.input().key()), content(letter.key()));
                    equal(what + "value", content(sent.input().value()), content(letter.value()));
                }
            }
        });
    }

    private void states(Map<String, EntityState> states) {
        for (String entity : union(expected.states.keySet(), states.keySet())) {
            String what = "state of " + entity + ": ";
            if (!states.containsKey(entity)) {
                problems.add("missing " + what + "there is no record of it");
                continue;
            }
            Expected.State wanted = expected.states.get(entity);
            EntityState got = states.get(entity);
            if (atLeastOnce && got != null && got.getSteps() == 0) {
                // Kept so that the end can be delivered again; of the sequence nothing is left.
                got = null;
            }
            if (wanted == null || got == null) {
                equal(what + "kept", wanted != null, got != null);
                continue;
            }
            equal(what + "model", model, got.getModel());
            equal(what + "steps", wanted.steps(), got.getSteps());
            equal(what + "session start", wanted.sessionStartMs(), got.getSessionStart());
            equal(what + "last event time", wanted.lastEventMs(), got.getLastEventTime());
            equal(what + "last offset", wanted.lastOffset(), got.getLastOffset());
            FloatBuffer row =
                    got.getRow().duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
            equal(what + "width", wanted.row().length, row.remaining());
            for (int i = 0; i < Math.min(wanted.row().length, row.remaining()); i++) {
                close(what + "row[" + i + "]", wanted.row()[i], row.get(i), STATE_TOLERANCE);
            }
        }
    }

    /** Each once, and in this order; at least once: each for the first time. */
    private void places(String what, List<Place> wanted, List<Place> got) {
        List<Place> first = List.copyOf(new LinkedHashSet<>(got));
        if (count(what, wanted, got) && !wanted.equals(first)) {
            problems.add("out of order " + what + ": expected " + wanted + ", got " + first);
        }
    }

    private boolean count(String what, List<Place> wanted, List<Place> got) {
        int before = problems.size();
        Set<Place> seen = new HashSet<>();
        for (Place place : got) {
            if (!seen.add(place) && !atLeastOnce) {
                problems.add("duplicated " + what + " at " + place);
            }
        }
        for (Place place : wanted) {
            if (!seen.remove(place)) {
                problems.add("missing " + what + " at " + place);
            }
        }
        seen.forEach(place -> problems.add("unexpected " + what + " at " + place));
        return problems.size() == before;
    }

    private void equal(String what, Object wanted, Object got) {
        if (!Objects.equals(wanted, got)) {
            problems.add("wrong " + what + ": expected " + wanted + ", got " + got);
        }
    }

    private void close(String what, double wanted, double got, double tolerance) {
        if (!Double.isFinite(wanted)) {
            throw new IllegalArgumentException(
                    what + ": the reference gives " + wanted + ", which nothing can be near");
        }
        // Not the other way around: a NaN must not pass.
        if (!(Math.abs(wanted - got) <= tolerance * Math.max(1, Math.abs(wanted)))) {
            problems.add("wrong " + what + ": expected " + wanted + ", got " + got);
        }
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> union = new LinkedHashSet<>(one);
        union.addAll(other);
        return union;
    }

    /** Equal where the bytes are, and short in a message. */
    private static ByteBuffer content(byte[] bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes);
    }

    /** Where the event of a dead letter stood. */
    static Place place(ConsumerRecord<byte[], byte[]> letter) {
        return new Place(
                Integer.parseInt(header(letter, "__streams.errors.partition")),
                Long.parseLong(header(letter, "__streams.errors.offset")));
    }

    static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        var header = record.headers().lastHeader(name);
        return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }
}
