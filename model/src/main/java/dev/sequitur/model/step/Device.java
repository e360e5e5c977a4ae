package dev.sequitur.model.step;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where TensorFlow computes, as it is wished ({@code auto} among others) or as it came out.
 *
 * @param number of the GPU, from 0; 0 for the others
 */
public record Device(Kind kind, int number) {
    /** Sorts of devices. */
    public enum Kind {
        /** The first GPU where TensorFlow finds one, else the CPU. */
        AUTO,
        CPU,
        /** As TensorFlow counts them: CUDA's visible devices. */
        GPU
    }

    public static final Device AUTO = new Device(Kind.AUTO, 0);
    public static final Device CPU = new Device(Kind.CPU, 0);

    private static final Pattern GPU = Pattern.compile("gpu:(0|[1-9][0-9]{0,2})");

    public Device {
        if (number < 0 || kind != Kind.GPU && number != 0) {
            throw new IllegalArgumentException("only GPUs have a number, and none below 0, got " + number);
        }
    }

    public static Device gpu(int number) {
        return new Device(Kind.GPU, number);
    }

    /**
     * Reads {@code auto}, {@code cpu} or {@code gpu:N}.
     *
     * @throws IllegalArgumentException when it is none of these
     */
    public static Device parse(String text) {
        switch (text.toLowerCase(Locale.ROOT)) {
            case "auto":
                return AUTO;
            case "cpu":
                return CPU;
            default:
                Matcher gpu = GPU.matcher(text.toLowerCase(Locale.ROOT));
                if (gpu.matches()) {
                    return gpu(Integer.parseInt(gpu.group(1)));
                }
                throw new IllegalArgumentException(
                        "expected auto, cpu or gpu:N (gpu:0 is the first), got '" + text + "'");
        }
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return kind == Kind.GPU ? "gpu:" + number : kind.name().toLowerCase(Locale.ROOT);
    }
}
