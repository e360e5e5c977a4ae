package dev.sequitur.deploy.integration;

import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.feature.FeatureEncoder;
import dev.sequitur.model.reference.ReferenceNetwork;
import dev.sequitur.model.reference.ReferenceWeights;
import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What must come of a sequence of records when they are taken one by one: plain Java in double, no topology, no batches,
 * no TensorFlow. Only the encoding of an event as a feature row is Sequitur's own.
 */
final class SequentialReference {
    private static final class Entity {
        private long steps;
        private long sessionStartMs;
        private long lastEventMs;
        private long lastOffset;
        private double[] row;
    }

    private final PipelineSpec spec;
    private final FeatureEncoder encoder;
    private final ReferenceNetwork network;
    private final List<String> targets;
    private final Map<String, Entity> entities = new HashMap<>();
    private final Expected expected = new Expected();

    private SequentialReference(ModelBundle bundle, ReferenceWeights weights) {
        spec = bundle.spec();
        encoder = new FeatureEncoder(spec, bundle.learned());
        network = new ReferenceNetwork(spec, bundle.learned(), weights);
        targets = new ArrayList<>(
                spec.fields(Role.TARGET).stream().map(FieldSpec::name).toList());
        targets.add(PipelineSpec.END);
    }

    /**
     * @param directory of the bundle; its spec ends sequences by tombstones
     * @param sent in an order that keeps each entity's
     */
    static Expected of(ModelBundle bundle, Path directory, List<Sent> sent) throws IOException {
        SequentialReference reference = new SequentialReference(bundle, ReferenceWeights.of(directory));
        sent.forEach(reference::take);
        return reference.finished();
    }

    private void take(Sent sent) {
        Input input = sent.input();
        if (input.reason() != null) {
            expected.reject(sent, input.reason());
        } else if (input.event() == null) {
            end(sent);
        } else {
            step(sent.place(), input.event());
        }
    }

    private void end(Sent sent) {
        Entity entity = entities.remove(sent.input().entity());
        if (entity == null) {
            // There is nothing that could end.
            expected.reject(sent, "null-value");
            return;
        }
        float[] features = new float[encoder.width()];
        encoder.encodeEnd(features, 0);
        double[] surprises = network.surprise(features, entity.row);
        double end = surprises[surprises.length - 1];
        expected.result(
                sent.input().entity(),
                new Expected.Result(
                        sent.place(),
                        entity.steps + 1,
                        entity.lastEventMs,
                        true,
                        Map.of(PipelineSpec.END, end),
                        spec.task().alarm().on().contains(PipelineSpec.END) ? end : 0,
                        false));
        expected.states.put(sent.input().entity(), null);
    }

    private void step(Place place, Event event) {
        Entity entity = entities.computeIfAbsent(event.entity(), name -> new Entity());
        boolean rested = spec.sessionGap()
                .filter(gap -> event.timeMs() - entity.lastEventMs > gap.toMillis())
                .isPresent();
        if (entity.steps == 0 || rested) {
            entity.steps = 0;
            entity.sessionStartMs = event.timeMs();
            entity.lastEventMs = event.timeMs();
            entity.row = network.initialState();
        }
        float[] features = new float[encoder.width()];
        encoder.encode(event, new EntityClock(entity.steps, entity.sessionStartMs, entity.lastEventMs), features, 0);
        Map<String, Double> surprises = named(network.surprise(features, entity.row));
        entity.row = network.step(features, entity.row);
        entity.steps++;
        entity.lastEventMs = Math.max(entity.lastEventMs, event.timeMs());
        entity.lastOffset = place.offset();
        double alarming =
                spec.task().alarm().on().stream().mapToDouble(surprises::get).sum();
        expected.result(
                event.entity(),
                new Expected.Result(place, entity.steps, event.timeMs(), false, surprises, alarming, true));
    }

    private Map<String, Double> named(double[] surprises) {
        Map<String, Double> named = new LinkedHashMap<>();
        for (int i = 0; i < targets.size(); i++) {
            named.put(targets.get(i), surprises[i]);
        }
        return named;
    }

    private Expected finished() {
        entities.forEach((name, entity) -> expected.states.put(
                name,
                new Expected.State(
                        entity.steps, entity.sessionStartMs, entity.lastEventMs, entity.lastOffset, entity.row)));
        return expected;
    }
}
