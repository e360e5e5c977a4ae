package dev.sequitur.model.spec;

import dev.sequitur.model.spec.PipelineSpec.ClassWeightSpec;
import dev.sequitur.model.spec.PipelineSpec.ScheduleSpec;
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

    /**
     * @param targets what may be predicted; END among it where it is learned
     * @param categorical those that are categorical fields
     * @param numeric those that are numeric fields
     */
    static TaskSpec task(YamlValue value, List<String> targets, List<String> categorical, List<String> numeric) {
        YamlMapping task = value.mapping();
        List<String> predict = targets(task.value("predict"), targets);
        int top = task.value("top").integer(5, 1, MAX_COUNT);
        int minPrefix = task.value("min-prefix").integer(1, 1, MAX_COUNT);
        AlarmSpec alarm = AlarmSection.read(task.value("alarm"), targets, categorical, numeric);
        task.rejectUnknownKeys();
        return new TaskSpec(predict, top, minPrefix, alarm);
    }

    static List<String> targets(YamlValue value, List<String> targets) {
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
    static TrainingSpec training(YamlValue value, List<FieldSpec> fields, List<String> targets) {
        YamlMapping training = value.mapping();
        int epochs = training.value("epochs").integer(30, 1, MAX_COUNT);
        int patience = training.value("patience").integer(5, 1, MAX_COUNT);
        TrainingSpec spec = new TrainingSpec(
                epochs,
                training.value("lanes").integer(32, 1, MAX_COUNT),
                training.value("window").integer(32, 2, MAX_COUNT),
                training.value("learning-rate").number(0.003, NumberRange.POSITIVE),
                schedule(training.value("schedule"), epochs, patience),
                training.value("clip-norm").number(1.0, NumberRange.POSITIVE),
                training.value("weight-decay").number(0.0, NumberRange.NOT_NEGATIVE),
                training.value("dropout").number(0.0, NumberRange.SHARE),
                training.value("given-dropout").number(0.1, NumberRange.SHARE),
                training.value("averaging").number(0.99, NumberRange.SHARE),
                patience,
                training.value("seed").integer(1L, Long.MIN_VALUE, Long.MAX_VALUE),
                training.value("threads").integer(0, 0, 1024),
                weights(training.value("weights"), targets),
                classWeights(training.value("class-weights"), fields, targets),
                training.value("sampled").integer(0, 0, MAX_COUNT),
                split(training.value("split")));
        training.rejectUnknownKeys();
        return spec;
    }

    /**
     * @param epochs of the training: the rate has to rise sooner, or it never gets there
     * @param patience of the training: a plateau's has to be shorter, or the rate is never cut
     */
    private static ScheduleSpec schedule(YamlValue value, int epochs, int patience) {
        YamlMapping schedule = value.mapping();
        ScheduleKind kind = schedule.required("kind", "Give it one of constant, cosine, step, plateau.")
                .oneOf(ScheduleKind.class, null);
        if (kind == null) {
            return new ScheduleSpec.Constant(0);
        }
        YamlValue warmUpValue = schedule.value("warm-up");
        double warmUp = warmUpValue.number(0.0, NumberRange.NOT_NEGATIVE);
        if (warmUp >= epochs) {
            warmUpValue.problem("expected fewer epochs than training.epochs, which is " + epochs + ", got " + warmUp
                    + ": the rate would never be reached. Lower it, or raise training.epochs.");
        }
        double floor =
                kind == ScheduleKind.CONSTANT ? 0 : schedule.value("floor").number(0.0, NumberRange.SHARE);
        ScheduleSpec spec =
                switch (kind) {
                    case CONSTANT -> new ScheduleSpec.Constant(warmUp);
                    case COSINE -> new ScheduleSpec.Cosine(warmUp, floor);
                    case STEP ->
                        new ScheduleSpec.Step(
                                warmUp, floor, schedule.value("every").integer(10, 1, MAX_COUNT), factor(schedule));
                    case PLATEAU ->
                        new ScheduleSpec.Plateau(
                                warmUp, floor, plateauPatience(schedule.value("patience"), patience), factor(schedule));
                };
        schedule.rejectUnknownKeys();
        return spec;
    }

    private enum ScheduleKind {
        CONSTANT,
        COSINE,
        STEP,
        PLATEAU
    }

    private static double factor(YamlMapping schedule) {
        return schedule.value("factor").number(0.5, NumberRange.OPEN_SHARE);
    }

    private static int plateauPatience(YamlValue value, int trainingPatience) {
        int patience = value.integer(2, 1, MAX_COUNT);
        if (patience >= trainingPatience) {
            value.problem("expected fewer epochs than training.patience, which is " + trainingPatience + ", got "
                    + patience + ": training would stop before the rate is cut. Lower it, or raise training.patience.");
        }
        return patience;
    }

    private static Map<String, ClassWeightSpec> classWeights(
            YamlValue value, List<FieldSpec> fields, List<String> targets) {
        YamlMapping section = value.mapping();
        Map<String, ClassWeightSpec> weights = new LinkedHashMap<>();
        for (String name : section.keys()) {
            YamlValue field = section.value(name);
            checkTarget(field, name, targets);
            if (targets.contains(name)
                    && fields.stream().noneMatch(f -> f.name().equals(name) && f instanceof FieldSpec.Categorical)) {
                field.problem("expected a categorical target, got '" + name + "', which has no classes to weigh."
                        + " Use training.weights for a whole target.");
            }
            weights.put(name, classWeights(field));
        }
        return weights;
    }

    private static ClassWeightSpec classWeights(YamlValue field) {
        if (!field.isMapping()) {
            return field.parse(new ClassWeightSpec.Balanced(), "balanced or a mapping of values to weights", text -> {
                if (!text.equals("balanced")) {
                    throw new IllegalArgumentException("expected balanced or a mapping of values to weights," + " got '"
                            + text + "'." + Suggestion.of(text, List.of("balanced")));
                }
                return new ClassWeightSpec.Balanced();
            });
        }
        YamlMapping values = field.mapping();
        Map<String, Double> named = new LinkedHashMap<>();
        values.keys().forEach(name -> named.put(name, values.value(name).number(1.0, NumberRange.POSITIVE)));
        return new ClassWeightSpec.Named(named);
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
