package dev.sequitur.model.step;

import java.util.List;
import org.bytedeco.javacpp.Pointer;

/**
 * What TensorFlow's Java objects of this process hold outside the heap: tensors, graphs, sessions. Both figures stand
 * still between calls; a step function that doesn't release what it makes lets them grow.
 *
 * @param objects that are to be released
 * @param bytes of them, as far as JavaCPP knows their size
 */
public record NativeMemory(long objects, long bytes) {
    /** JavaCPP's own bound of the process's resident memory; it knows the name in small letters too. */
    private static final List<String> BOUNDS =
            List.of("org.bytedeco.javacpp.maxPhysicalBytes", "org.bytedeco.javacpp.maxphysicalbytes");

    /**
     * Has JavaCPP not look at how much memory the process takes, unless its system property says otherwise; to be called
     * before anything of TensorFlow. By default it reads that from {@code /proc} whenever it makes an object, which was a
     * third of what a step of one event cost; and beyond four times the largest heap, of which RocksDB's memory and the
     * pages of files are a part, it collects garbage each time and refuses in the end.
     */
    public static void leaveToTheSystem() {
        if (BOUNDS.stream().noneMatch(bound -> System.getProperty(bound) != null)) {
            System.setProperty(BOUNDS.get(0), "0");
        }
    }

    /** The present figures. */
    public static NativeMemory now() {
        return new NativeMemory(Pointer.totalCount(), Pointer.totalBytes());
    }
}
