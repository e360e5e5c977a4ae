package dev.sequitur.deploy.integration;

import java.util.List;

/** The topics that an application writes; the changelog is named as Kafka Streams names it. */
record OutputTopics(String scores, String predictions, String deadLetters, String changelog) {
    static OutputTopics of(String applicationId) {
        return new OutputTopics(
                applicationId + "-scores",
                applicationId + "-predictions",
                applicationId + "-dead-letters",
                applicationId + "-entity-state-changelog");
    }

    List<String> results() {
        return List.of(scores, predictions, deadLetters);
    }

    List<String> all() {
        return List.of(scores, predictions, deadLetters, changelog);
    }
}
