package dev.sequitur.deploy.api;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.model.bundle.Manifest;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** {@code GET /model}: what scores, what it reads, how it was calibrated, where it comes from. */
final class ModelAnswer {
    private static final JsonMapper JSON = new JsonMapper();

    private ModelAnswer() {}

    static ObjectNode of(ModelBundle bundle) {
        Manifest manifest = bundle.manifest();
        PipelineSpec spec = bundle.spec();
        ObjectNode answer = Answers.object().put("name", manifest.name());
        answer.set("cell", cell(bundle));
        answer.put("fingerprint", bundle.fingerprint());
        ArrayNode fields = answer.putArray("fields");
        spec.fields().forEach(field -> fields.add(field(field, bundle)));
        answer.put("ends", spec.end() instanceof PipelineSpec.EndSpec.Last);
        answer.put("sessionGap", spec.sessionGap().map(Duration::toMillis).orElse(null));
        answer.set("calibration", JSON.valueToTree(manifest.calibration()));
        answer.set("alarms", JSON.valueToTree(manifest.alarms()));
        answer.set("provenance", JSON.valueToTree(manifest.training()));
        answer.put("spec", manifest.spec());
        return answer;
    }

    /** What computes. */
    static ObjectNode cell(ModelBundle bundle) {
        Manifest manifest = bundle.manifest();
        PipelineSpec.CellSpec spec = bundle.spec().cell();
        ObjectNode cell = Answers.object().put("kind", manifest.cell());
        ArrayNode units = cell.putArray("units");
        manifest.units().forEach(units::add);
        return cell.put("layers", manifest.units().size())
                .put("members", manifest.members())
                .put("attention", spec.attention())
                .put("residual", spec.residual())
                .put("layerNorm", spec.layerNorm());
    }

    private static ObjectNode field(FieldSpec field, ModelBundle bundle) {
        ObjectNode node = Answers.object().put("name", field.name()).put("kind", kind(field));
        ArrayNode roles = node.putArray("roles");
        field.roles().stream()
                .map(role -> role.name().toLowerCase(Locale.ROOT))
                .sorted()
                .forEach(roles::add);
        if (field instanceof FieldSpec.SincePrevious || field instanceof FieldSpec.SinceStart) {
            node.put("unit", "ms");
        } else if (field instanceof FieldSpec.Numeric numeric) {
            node.put("optional", numeric.optional());
        } else if (field instanceof FieldSpec.Flags flags) {
            categories(node, flags.flags());
        } else if (field instanceof FieldSpec.Categorical categorical) {
            node.put("optional", categorical.optional());
            categories(node, ((LearnedField.Vocabulary) bundle.learned().get(field.name())).values());
        }
        return node;
    }

    private static void categories(ObjectNode node, List<String> values) {
        ArrayNode categories = node.putArray("categories");
        values.forEach(categories::add);
    }

    /** As a spec calls it. */
    private static String kind(FieldSpec field) {
        if (field instanceof FieldSpec.Numeric) {
            return "numeric";
        } else if (field instanceof FieldSpec.Categorical) {
            return "categorical";
        } else if (field instanceof FieldSpec.Flags) {
            return "flags";
        } else if (field instanceof FieldSpec.SincePrevious) {
            return "since-previous";
        } else if (field instanceof FieldSpec.SinceStart) {
            return "since-start";
        } else if (field instanceof FieldSpec.Position) {
            return "position";
        }
        return "calendar";
    }
}
