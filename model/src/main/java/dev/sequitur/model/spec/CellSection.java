package dev.sequitur.model.spec;

import dev.sequitur.model.spec.PipelineSpec.CellSpec;
import dev.sequitur.model.spec.PipelineSpec.Kernel;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** The section {@code cell}: the network. */
final class CellSection {
    private static final int MAX_UNITS = 65_536;
    private static final int MAX_LAYERS = 64;

    /** A clockwork cell has as many modules as divide its units, up to this many, unless the spec lists periods. */
    private static final int MAX_DEFAULT_MODULES = 8;

    private static final int MAX_PERIOD = 1 << 24;

    private static final int MAX_ATTENTION = 4096;
    private static final String ATTENTION = "0 for none, or a number of outputs from 2 to " + MAX_ATTENTION;

    private CellSection() {}

    static CellSpec read(YamlValue value) {
        YamlMapping cell = value.mapping();
        String kind = cell.required("kind", "Give it one of " + String.join(", ", CellSpec.KINDS) + ".")
                .parse("", "a kind of cell", CellSection::kind);
        List<Integer> units = units(cell);
        if (kind.equals("lstm-depth-gated") || kind.equals("grid-lstm")) {
            requireEqual(cell.value("units"), units, "a layer's memory takes from that of the layer beneath");
        }
        List<Integer> periods = periods(cell, kind, units);
        int latent = latent(cell.value("latent"), kind);
        int attention = cell.value("attention").parse(0, ATTENTION, CellSection::attention);
        boolean residual = residual(cell, units);
        boolean layerNorm = cell.value("layer-norm").truth(false);
        Kernel kernel = cell.value("kernel").oneOf(Kernel.class, Kernel.AUTO);
        int maxLag = maxLag(cell.value("max-lag"), kind);
        cell.rejectUnknownKeys();
        return new CellSpec(kind, units, periods, latent, attention, residual, layerNorm, kernel, maxLag);
    }

    private static String kind(String text) {
        if (!CellSpec.KINDS.contains(text)) {
            throw new IllegalArgumentException("expected one of " + String.join(", ", CellSpec.KINDS) + ", got '" + text
                    + "'." + Suggestion.of(text, CellSpec.KINDS));
        }
        return text;
    }

    private static int attention(String text) {
        try {
            int window = Integer.parseInt(text);
            if (window == 0 || window >= 2 && window <= MAX_ATTENTION) {
                return window;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("expected " + ATTENTION + ", got '" + text + "'.", e);
        }
        throw new IllegalArgumentException("expected " + ATTENTION + ", got " + text + ".");
    }

    private static boolean residual(YamlMapping cell, List<Integer> units) {
        YamlValue value = cell.value("residual");
        boolean residual = value.truth(false);
        if (residual && units.size() == 1) {
            value.problem(
                    "there is one layer, and nothing beneath it to add. Set layers: 2 or more, or remove the key.");
        } else if (residual) {
            requireEqual(cell.value("units"), units, "residual layers add their output to what they got");
        }
        return residual;
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

    private static List<Integer> periods(YamlMapping cell, String kind, List<Integer> units) {
        YamlValue value = cell.value("periods");
        if (!belongs(value, kind, "clockwork", "has modules with periods")) {
            return List.of();
        }
        if (!value.present()) {
            List<Integer> periods = defaultPeriods(units);
            if (periods.isEmpty()) {
                cell.value("units")
                        .problem("no number of modules from 2 to " + MAX_DEFAULT_MODULES + " divides the units " + units
                                + " of every layer. List the periods, such as periods: [1, 4], or change units.");
            }
            return periods;
        }
        List<Integer> periods = value.integers(List.of(), 1, MAX_PERIOD);
        for (int i = 1; i < periods.size(); i++) {
            if (periods.get(i) <= periods.get(i - 1)) {
                value.problem("expected periods that grow, got " + periods + ".");
                return List.of();
            }
        }
        for (int u : units) {
            if (!periods.isEmpty() && u % periods.size() != 0) {
                value.problem("the " + u + " units of a layer can't be shared out equally among " + periods.size()
                        + " periods. Make units a multiple of " + periods.size() + ".");
                return List.of();
            }
        }
        try {
            CellSpec.cycle(periods);
        } catch (ArithmeticException e) {
            value.problem(e.getMessage() + ", further than a state can count. Take periods that divide each other.");
        }
        return periods;
    }

    private static List<Integer> defaultPeriods(List<Integer> units) {
        for (int modules = MAX_DEFAULT_MODULES; modules > 1; modules--) {
            int n = modules;
            if (units.stream().allMatch(u -> u % n == 0)) {
                return IntStream.range(0, n).map(g -> 1 << g).boxed().toList();
            }
        }
        return List.of();
    }

    private static int latent(YamlValue value, String kind) {
        return belongs(value, kind, "vrnn", "has a latent variable") ? value.integer(16, 1, MAX_UNITS) : 0;
    }

    private static int maxLag(YamlValue value, String kind) {
        if (value.present() && !kind.isEmpty() && !CellSpec.LAG_KINDS.contains(kind)) {
            value.problem("only cells with a gate that keeps the state start out remembering ("
                    + String.join(", ", CellSpec.LAG_KINDS) + "), got kind: " + kind + ". Remove the key.");
        }
        return value.integer(0, 2, MAX_PERIOD);
    }

    /** Whether the key is this kind's; reported where it is another's. */
    private static boolean belongs(YamlValue value, String kind, String owner, String why) {
        if (value.present() && !kind.isEmpty() && !kind.equals(owner)) {
            value.problem("only " + owner + " " + why + ", got kind: " + kind + ". Remove the key, or set kind: "
                    + owner + ".");
        }
        return kind.equals(owner);
    }

    private static void requireEqual(YamlValue value, List<Integer> units, String why) {
        if (units.stream().distinct().count() > 1) {
            value.problem("expected the same units for every layer, got " + units + ": " + why
                    + ". Give units as one number, with layers.");
        }
    }
}
