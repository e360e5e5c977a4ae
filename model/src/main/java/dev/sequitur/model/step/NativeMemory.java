package dev.sequitur.model.step;

import org.bytedeco.javacpp.Pointer;

/**
 * What TensorFlow's Java objects of this process hold outside the heap: tensors, graphs, sessions. Both figures stand
 * still between calls; a step function that doesn't release what it makes lets them grow.
 *
 * @param objects that are to be released
 * @param bytes of them, as far as JavaCPP knows their size
 */
public record NativeMemory(long objects, long bytes) {
    /** The present figures. */
    public static NativeMemory now() {
        return new NativeMemory(Pointer.totalCount(), Pointer.totalBytes());
    }
}
