package dev.sequitur.topology.state;

import dev.sequitur.model.SequenceModel;
import dev.sequitur.model.step.StatePrecision;
import org.apache.kafka.common.errors.SerializationException;

/**
 * Reads the values of {@link EntityStates#STORE} for queries.
 *
 * <p>Threading: safe for use by many threads.
 */
public final class StateReader {
    private final StateCodec codec;
    private final String model;

    /** @param model whose states it reads */
    public StateReader(SequenceModel model) {
        this.model = model.fingerprint();
        this.codec = new StateCodec(
                model.fingerprint(),
                model.step().shape().state(),
                model.alarms().memoryBytes(),
                StatePrecision.FLOAT32);
    }

    /**
     * @param value from the store
     * @return the entity's state, on arrays of its own
     * @throws StateException when it is damaged, or another model wrote it
     */
    public Snapshot read(String entity, byte[] value) {
        try {
            return codec.decode(value, 0).newest();
        } catch (OtherModelException e) {
            throw new StateException("State of entity '" + entity + "' was written by model " + e.model()
                    + "; expected the loaded model " + model + ". It is read again after the entity's next event.");
        } catch (SerializationException e) {
            throw new StateException("State of entity '" + entity + "' is damaged: " + e.getMessage(), e);
        }
    }
}
