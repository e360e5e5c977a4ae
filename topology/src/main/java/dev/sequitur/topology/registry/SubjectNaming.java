package dev.sequitur.topology.registry;

import org.apache.avro.Schema;

/** The subject that a topic's schema stands under in a registry; within a subject, versions have to be compatible. */
public enum SubjectNaming {
    /** One kind of record a topic: {@code <topic>-value}. */
    TOPIC {
        @Override
        public String subject(String topic, Schema schema) {
            return topic + "-value";
        }
    },
    /** One schema for all topics: the record's full name. */
    RECORD {
        @Override
        public String subject(String topic, Schema schema) {
            return schema.getFullName();
        }
    },
    /** {@code <topic>-<the record's full name>}. */
    TOPIC_RECORD {
        @Override
        public String subject(String topic, Schema schema) {
            return topic + "-" + schema.getFullName();
        }
    };

    public abstract String subject(String topic, Schema schema);
}
