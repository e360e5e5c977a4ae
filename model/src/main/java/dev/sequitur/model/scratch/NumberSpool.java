package dev.sequitur.model.scratch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.DoubleConsumer;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.StreamSupport;

/**
 * Any number of doubles, to be read as often as one likes. The first ones stay in memory, a block at a time is written to
 * a scratch file beyond that.
 *
 * <p>Threading: belongs to one thread.
 */
public final class NumberSpool implements AutoCloseable {
    private static final int BLOCK = 8192;
    private static final int FIRST = 64;
    private static final int DIGIT_BITS = 16;

    private final Path directory;
    private double[] block = new double[FIRST];
    private int inBlock;
    private long written;
    private ScratchFile file;

    /** @param directory for what doesn't stay in memory */
    public NumberSpool(Path directory) {
        this.directory = directory;
    }

    /** @throws UncheckedIOException when the number can't be kept */
    public void add(double value) {
        if (inBlock == BLOCK) {
            writeBlock();
        }
        if (inBlock == block.length) {
            block = Arrays.copyOf(block, 2 * inBlock);
        }
        block[inBlock++] = value;
    }

    private void writeBlock() {
        try {
            if (file == null) {
                file = new ScratchFile(directory);
            }
            ByteBuffer bytes = ByteBuffer.allocate(inBlock * Double.BYTES);
            bytes.asDoubleBuffer().put(block, 0, inBlock);
            file.write(bytes, written * Double.BYTES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        written += inBlock;
        inBlock = 0;
    }

    public long size() {
        return written + inBlock;
    }

    /** In the order in which they were added. Nothing may be added before the stream has ended. */
    public DoubleStream stream() {
        return StreamSupport.doubleStream(new Reading(), false);
    }

    /**
     * The number that has {@code index} others before it once they are all sorted, exactly: four passes, each of which
     * finds the next digit of its bits.
     *
     * @param of what is made of each number before it is sorted
     * @param index from 0
     */
    public double sorted(DoubleUnaryOperator of, long index) {
        if (index < 0 || index >= size()) {
            throw new NoSuchElementException("expected an index below " + size() + ", got " + index);
        }
        long left = index;
        long prefix = 0;
        for (int shift = Long.SIZE - DIGIT_BITS; shift >= 0; shift -= DIGIT_BITS) {
            long[] counts = new long[1 << DIGIT_BITS];
            int from = shift;
            // A shift by all 64 bits would be one by none.
            long known = from + DIGIT_BITS == Long.SIZE ? 0 : prefix >>> (from + DIGIT_BITS);
            stream().map(of).forEach(value -> {
                long bits = ordered(value);
                if (from + DIGIT_BITS == Long.SIZE || bits >>> (from + DIGIT_BITS) == known) {
                    counts[(int) (bits >>> from) & ((1 << DIGIT_BITS) - 1)]++;
                }
            });
            int digit = 0;
            while (left >= counts[digit]) {
                left -= counts[digit++];
            }
            prefix |= (long) digit << from;
        }
        return Double.longBitsToDouble(prefix < 0 ? prefix ^ Long.MIN_VALUE : ~prefix);
    }

    /** Bits that, without a sign, are in the order of the numbers. */
    private static long ordered(double value) {
        long bits = Double.doubleToLongBits(value);
        return bits < 0 ? ~bits : bits ^ Long.MIN_VALUE;
    }

    private final class Reading extends Spliterators.AbstractDoubleSpliterator {
        private final double[] read = new double[written == 0 ? 0 : BLOCK];
        private long at;

        Reading() {
            super(size(), Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.IMMUTABLE);
        }

        @Override
        public boolean tryAdvance(DoubleConsumer action) {
            if (at == size()) {
                return false;
            }
            int index = (int) (at % BLOCK);
            if (at >= written) {
                action.accept(block[index]);
            } else {
                if (index == 0) {
                    readBlock();
                }
                action.accept(read[index]);
            }
            at++;
            return true;
        }

        private void readBlock() {
            ByteBuffer bytes = ByteBuffer.allocate(BLOCK * Double.BYTES);
            try {
                file.read(bytes, at * Double.BYTES);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            DoubleBuffer doubles = bytes.flip().asDoubleBuffer();
            doubles.get(read);
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
