package dev.sequitur.model.data;

import dev.sequitur.model.data.MalformedEventException.Reason;
import dev.sequitur.model.spec.PipelineSpec;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.InvalidNumberEncodingException;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileConstants;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

/**
 * Events of an Avro object container file. A damaged block is one malformed row: reading goes on at the next
 * synchronisation mark.
 *
 * <p>Threading: belongs to one thread.
 */
final class AvroFileEventSource implements EventSource {
    /** Two numbers of a variable length of at most ten bytes: records, bytes. */
    private static final int MAX_BLOCK_HEADER = 20;

    private final Path file;
    private final MalformedRows malformed;
    private final EventReader reader;
    private final long size;
    private final FileChannel channel;
    private DataFileReader<GenericRecord> records;
    /** Start of the last block whose length was found to fit. */
    private long checked = -1;

    private long record;

    AvroFileEventSource(Path file, PipelineSpec spec, MalformedRows malformed) throws IOException {
        this.file = file;
        this.malformed = malformed;
        this.reader = new EventReader(spec);
        this.size = Files.size(file);
        this.channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            this.records = open(file);
            Schema schema = records.getSchema();
            if (schema.getType() != Schema.Type.RECORD) {
                throw new IOException(file + ": expected records, got values of the type " + schema.getType() + ".");
            }
            List<String> lacking = SpecColumns.of(spec).stream()
                    .filter(column -> !AvroFieldValues.has(schema, column))
                    .toList();
            SpecColumns.requireAll(
                    spec, file + ": the record " + schema.getFullName(), lacking, AvroFieldValues.columns(schema));
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private static DataFileReader<GenericRecord> open(Path file) throws IOException {
        try {
            return new DataFileReader<>(file.toFile(), new GenericDatumReader<>());
        } catch (IOException | RuntimeException e) {
            throw new IOException(file + ": expected an Avro object container file: " + e.getMessage(), e);
        }
    }

    @Override
    public Event next() throws IOException {
        while (true) {
            GenericRecord next = hasNext() ? decode() : null;
            if (next != null) {
                try {
                    return reader.read(new AvroFieldValues(next));
                } catch (MalformedEventException e) {
                    malformed.add(place(), e);
                }
            } else if (records.previousSync() >= size) {
                return null;
            }
        }
    }

    /** Whether the current block has a record. False at the end, and after a damaged block that was skipped. */
    private boolean hasNext() throws IOException {
        long block = records.previousSync();
        if (block >= size) {
            return endsInWholeBlock(block);
        }
        if (block != checked) {
            if (!fits(block)) {
                skip(block, "it is longer than the rest of the file");
                return false;
            }
            checked = block;
        }
        try {
            return records.hasNext();
        } catch (AvroRuntimeException e) {
            return leftOver(block, e);
        } catch (LinkageError e) {
            throw new IOException(
                    file + ": the library of the codec '" + records.getMetaString(DataFileConstants.CODEC)
                            + "' is not on the class path. Add it, or write the file with the codec deflate.",
                    e);
        }
    }

    /** The reader would take a block that is cut off for the end, and a damaged length for one to allocate. */
    private boolean fits(long block) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(MAX_BLOCK_HEADER);
        int length = channel.read(header, block);
        BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(header.array(), 0, Math.max(0, length), null);
        try {
            decoder.readLong();
            long bytes = decoder.readLong();
            int headerBytes = length - decoder.inputStream().available();
            return bytes >= 0 && bytes <= size - block - headerBytes - DataFileConstants.SYNC_SIZE;
        } catch (EOFException | InvalidNumberEncodingException e) {
            return false;
        }
    }

    private boolean endsInWholeBlock(long block) throws IOException {
        try {
            return records.hasNext();
        } catch (AvroRuntimeException e) {
            skip(block, "the one before it holds more bytes than its records");
            return false;
        }
    }

    /** The failure may be of the block before, which held more bytes than its records: then this one is sound. */
    private boolean leftOver(long block, AvroRuntimeException failure) throws IOException {
        reopen();
        records.seek(block);
        try {
            if (!records.hasNext()) {
                return false;
            }
        } catch (AvroRuntimeException e) {
            skip(block, reason(failure));
            return false;
        }
        report(block, "the one before it holds more bytes than its records");
        return true;
    }

    /** Null after a damaged block that was skipped. */
    private GenericRecord decode() throws IOException {
        long block = records.previousSync();
        record++;
        try {
            return records.next();
        } catch (RuntimeException e) {
            // A decoder throws whatever damaged bytes lead it to.
            skip(block, reason(e));
            return null;
        }
    }

    private static String reason(Exception e) {
        Throwable cause = e instanceof AvroRuntimeException && e.getCause() != null ? e.getCause() : e;
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private void skip(long block, String reason) throws IOException {
        reopen();
        records.sync(block);
        report(block, reason);
    }

    /** A reader that failed may keep half a block for the next one. */
    private void reopen() throws IOException {
        records.close();
        records = open(file);
    }

    private void report(long block, String reason) {
        malformed.add(
                place(),
                new MalformedEventException(
                        Reason.UNDECODABLE, "the block at byte " + block + " is damaged: " + reason + "."));
    }

    private String place() {
        return file.getFileName() + ": record " + record;
    }

    @Override
    public double progress() {
        return size == 0 ? 1 : Math.min(1, (double) records.previousSync() / size);
    }

    @Override
    public void close() throws IOException {
        channel.close();
        if (records != null) {
            records.close();
        }
    }
}
