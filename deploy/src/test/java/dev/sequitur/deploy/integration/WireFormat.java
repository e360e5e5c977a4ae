package dev.sequitur.deploy.integration;

/** How events and results are encoded on their topics. */
public interface WireFormat {
    /** Avro's single-object encoding, as it is. */
    WireFormat SINGLE_OBJECT = new WireFormat() {
        @Override
        public byte[] event(byte[] singleObject) {
            return singleObject;
        }

        @Override
        public byte[] result(byte[] value) {
            return value;
        }
    };

    /**
     * As the topic shall have it.
     *
     * @param singleObject an event, or something bad, in single-object encoding; null for an END
     */
    byte[] event(byte[] singleObject);

    /** A score or prediction of a topic, in single-object encoding. */
    byte[] result(byte[] value);
}
