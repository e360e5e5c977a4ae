package dev.sequitur.topology.output;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Generated Avro records in Avro's binary encoding behind a header. Null stays null.
 *
 * <p>Threading: safe for use by many threads.
 */
public final class FramedSerializer<T extends SpecificRecord> implements Serializer<T> {
    private static final int USUAL_BYTES = 256;

    private final SpecificDatumWriter<T> writer;
    private final byte[] header;

    /** @param header what each record starts with, of {@link ResultFormat#header} */
    public FramedSerializer(Class<T> type, byte[] header) {
        SpecificData data = SpecificData.getForClass(type);
        this.writer = new SpecificDatumWriter<>(data.getSchema(type), data);
        this.header = header.clone();
    }

    @Override
    public byte[] serialize(String topic, T record) {
        if (record == null) {
            return null;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(USUAL_BYTES);
        bytes.writeBytes(header);
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        try {
            writer.write(record, encoder);
        } catch (IOException e) {
            throw new UncheckedIOException("can't write a record for '" + topic + "'", e);
        }
        return bytes.toByteArray();
    }
}
