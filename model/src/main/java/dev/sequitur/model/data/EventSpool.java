package dev.sequitur.model.data;

import dev.sequitur.model.scratch.ScratchFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes in any number of events in the order of their source, on disk, and groups them by entity. In memory stay a few
 * numbers an entity and buffers of one size.
 *
 * <p>Threading: belongs to one thread.
 */
public final class EventSpool implements AutoCloseable {
    private static final int BUFFER = 1 << 20;

    /** How entities stand, once they are grouped. */
    public enum Order {
        /** As the first event of each came. */
        ARRIVAL,
        /**
         * By the time of the first event of each, then by name: gives a topic of several partitions, which a broker
         * serves in any mixture, one order.
         */
        TIME
    }

    private static final class Entity {
        private final int number;
        private final String name;
        private final long firstMs;
        private long events;
        private long bytes;

        Entity(int number, String name, long firstMs) {
            this.number = number;
            this.name = name;
            this.firstMs = firstMs;
        }
    }

    private final Path directory;
    private final ScratchFile file;
    private final Map<String, Entity> entities = new LinkedHashMap<>();
    private ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    private long written;
    private long events;

    /** @param directory for what is spooled */
    public EventSpool(Path directory) throws IOException {
        this.directory = directory;
        this.file = new ScratchFile(directory);
    }

    public void add(Event event) throws IOException {
        Entity entity =
                entities.computeIfAbsent(event.entity(), name -> new Entity(entities.size(), name, event.timeMs()));
        byte[] bytes = EventBytes.of(event);
        if (buffer.remaining() < 2 * Integer.BYTES + bytes.length) {
            flush();
            if (buffer.capacity() < 2 * Integer.BYTES + bytes.length) {
                buffer = ByteBuffer.allocate(2 * (2 * Integer.BYTES + bytes.length));
            }
        }
        buffer.putInt(entity.number).putInt(bytes.length).put(bytes);
        entity.events++;
        entity.bytes += Integer.BYTES + bytes.length;
        events++;
    }

    private void flush() throws IOException {
        int size = buffer.position();
        file.write(buffer.flip(), written);
        buffer.clear();
        written += size;
    }

    public long size() {
        return events;
    }

    /** Events that are only in memory take at most so many bytes. */
    int buffered() {
        return buffer.capacity();
    }

    /** The events, entity after entity. To be called once, with nothing to be added any more: the spool is closed. */
    public GroupedEvents group(Order order) throws IOException {
        flush();
        List<Entity> ordered = new ArrayList<>(entities.values());
        if (order == Order.TIME) {
            ordered.sort(
                    Comparator.comparingLong((Entity entity) -> entity.firstMs).thenComparing(entity -> entity.name));
        }
        long[] next = new long[ordered.size()];
        long at = 0;
        for (Entity entity : ordered) {
            next[entity.number] = at;
            at += entity.bytes;
        }
        ScratchFile grouped = new ScratchFile(directory);
        try {
            scatter(next, grouped);
        } catch (IOException | RuntimeException e) {
            grouped.close();
            throw e;
        }
        file.close();
        return new GroupedEvents(
                grouped,
                ordered.stream().map(entity -> entity.name).toArray(String[]::new),
                ordered.stream().mapToLong(entity -> entity.events).toArray(),
                at);
    }

    /**
     * Puts every event where its entity's next one belongs. Some are taken together and written in the order of their
     * places: what is next to each other is one write, and the file is run through in one direction.
     *
     * @param next place of each entity's next event, by its number
     */
    private void scatter(long[] next, ScratchFile to) throws IOException {
        SequentialReader in = new SequentialReader(file, written);
        byte[] batch = new byte[4 * BUFFER];
        int size = 0;
        List<Placed> placed = new ArrayList<>();
        while (in.hasMore()) {
            int entity = in.next(Integer.BYTES).getInt();
            int length = in.next(Integer.BYTES).getInt();
            int bytes = Integer.BYTES + length;
            if (size + bytes > batch.length) {
                write(batch, placed, to);
                placed.clear();
                size = 0;
                batch = bytes > batch.length ? new byte[2 * bytes] : batch;
            }
            ByteBuffer.wrap(batch, size, Integer.BYTES).putInt(length);
            in.next(length).get(batch, size + Integer.BYTES, length);
            placed.add(new Placed(next[entity], size, bytes));
            next[entity] += bytes;
            size += bytes;
        }
        write(batch, placed, to);
    }

    /** Bytes of a batch, and where they belong. */
    private record Placed(long at, int offset, int length) {}

    private static void write(byte[] batch, List<Placed> placed, ScratchFile to) throws IOException {
        placed.sort(Comparator.comparingLong(Placed::at));
        ByteBuffer run = ByteBuffer.allocate(batch.length);
        long start = 0;
        for (Placed event : placed) {
            if (event.at() != start + run.position()) {
                to.write(run.flip(), start);
                run.clear();
                start = event.at();
            }
            run.put(batch, event.offset(), event.length());
        }
        to.write(run.flip(), start);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
