package dev.sequitur.model.spec;

import dev.sequitur.model.spec.PipelineSpec.CellSpec;
import java.util.Collections;
import java.util.List;

/** The section {@code cell}: the network. */
final class CellSection {
    private static final int MAX_UNITS = 65_536;
    private static final int MAX_LAYERS = 64;

    private CellSection() {}

    static CellSpec read(YamlValue value) {
        YamlMapping cell = value.mapping();
        String kind = cell.required("kind", "Give it one of " + String.join(", ", CellSpec.KINDS) + ".")
                .parse("", "a kind of cell", CellSection::kind);
        List<Integer> units = units(cell);
        if (kind.equals("lstm-depth-gated")) {
            requireEqual(cell.value("units"), units, "a layer's memory takes from that of the layer beneath");
        }
        cell.rejectUnknownKeys();
        return new CellSpec(kind, units);
    }

    private static String kind(String text) {
        if (!CellSpec.KINDS.contains(text)) {
            throw new IllegalArgumentException("expected one of " + String.join(", ", CellSpec.KINDS) + ", got '" + text
                    + "'." + Suggestion.of(text, CellSpec.KINDS));
        }
        return text;
    }

    private static List<Integer> units(YamlMapping cell) {
        List<Integer> units = cell.value("units").integers(List.of(64), 1, MAX_UNITS);
        YamlValue layersValue = cell.value("layers");
        int layers = layersValue.integer(Math.max(1, units.size()), 1, MAX_LAYERS);
        if (units.size() == 1) {
            return Collections.nCopies(layers, units.get(0));
        }
        if (layersValue.present() && layers != units.size()) {
            layersValue.problem("units lists " + units.size() + " layers, got layers: " + layers
                    + ". Remove layers, or give units as one number.");
        }
        return units;
    }

    private static void requireEqual(YamlValue value, List<Integer> units, String why) {
        if (units.stream().distinct().count() > 1) {
            value.problem("expected the same units for every layer, got " + units + ": " + why
                    + ". Give units as one number, with layers.");
        }
    }
}
