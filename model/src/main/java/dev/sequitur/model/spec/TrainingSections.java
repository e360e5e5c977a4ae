package dev.sequitur.model.spec;

import dev.sequitur.model.spec.PipelineSpec.AlarmSpec;
import dev.sequitur.model.spec.PipelineSpec.SplitSpec;
import dev.sequitur.model.spec.PipelineSpec.TaskSpec;
import dev.sequitur.model.spec.PipelineSpec.TrainingSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The sections that say what is learned and how: {@code task}, {@code training}. */
final class TrainingSections {
    private static final int MAX_COUNT = Integer.MAX_VALUE;

    private TrainingSections() {}

    /** @param targets what may be predicted; END among it where it is learned */
    static TaskSpec task(YamlValue value, List<String> targets) {
        YamlMapping task = value.mapping();
        List<String> predict = targets(task.value("predict"), targets);
        int top = task.value("top").integer(5, 1, MAX_COUNT);
        int minPrefix = task.value("min-prefix").integer(1, 1, MAX_COUNT);
        YamlMapping alarm = task.value("alarm").mapping();
        List<String> on = targets(alarm.value("on"), targets);
        double rate = alarm.value("rate").number(0.001, NumberRange.OPEN_SHARE);
        int warmUp = alarm.value("warm-up").integer(0, 0, MAX_COUNT);
        alarm.rejectUnknownKeys();
        task.rejectUnknownKeys();
        return new TaskSpec(predict, top, minPrefix, new AlarmSpec(on, rate, warmUp));
    }

    private static List<String> targets(YamlValue value, List<String> targets) {
        List<String> named = value.texts(targets);
        named.forEach(name -> checkTarget(value, name, targets));
        return named;
    }

    private static void checkTarget(YamlValue value, String name, List<String> targets) {
        if (name.equals(PipelineSpec.END) && !targets.contains(name)) {
            value.problem("END is predicted only where the last event of a sequence is known to be its last."
                    + " Set end: last, or remove END.");
        } else if (!targets.contains(name)) {
            value.problem("'" + name + "' is not a target, expected one of " + String.join(", ", targets) + "."
                    + " Give the field role: [input, target], or remove it here." + Suggestion.of(name, targets));
        }
    }

    /** @param targets what may be predicted; END among it where it is learned */
    static TrainingSpec training(YamlValue value, List<String> targets) {
        YamlMapping training = value.mapping();
        TrainingSpec spec = new TrainingSpec(
                training.value("epochs").integer(30, 1, MAX_COUNT),
                training.value("lanes").integer(32, 1, MAX_COUNT),
                training.value("window").integer(32, 2, MAX_COUNT),
                training.value("learning-rate").number(0.003, NumberRange.POSITIVE),
                training.value("clip-norm").number(1.0, NumberRange.POSITIVE),
                training.value("dropout").number(0.0, NumberRange.SHARE),
                training.value("given-dropout").number(0.1, NumberRange.SHARE),
                training.value("averaging").number(0.99, NumberRange.SHARE),
                training.value("patience").integer(5, 1, MAX_COUNT),
                training.value("seed").integer(1L, Long.MIN_VALUE, Long.MAX_VALUE),
                training.value("threads").integer(0, 0, 1024),
                weights(training.value("weights"), targets),
                split(training.value("split")));
        training.rejectUnknownKeys();
        return spec;
    }

    private static Map<String, Double> weights(YamlValue value, List<String> targets) {
        YamlMapping section = value.mapping();
        Map<String, Double> weights = new LinkedHashMap<>();
        for (String name : section.keys()) {
            YamlValue weight = section.value(name);
            checkTarget(weight, name, targets);
            weights.put(name, weight.number(1.0, NumberRange.POSITIVE));
        }
        return weights;
    }

    private static SplitSpec split(YamlValue value) {
        YamlMapping split = value.mapping();
        SplitSpec spec = new SplitSpec(
                split.value("by").oneOf(SplitSpec.By.class, SplitSpec.By.ENTITY),
                split.value("test").number(0.0, NumberRange.SHARE),
                split.value("validation").number(0.1, NumberRange.OPEN_SHARE));
        split.rejectUnknownKeys();
        return spec;
    }
}
