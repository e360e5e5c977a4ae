package dev.sequitur.deploy.application;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rocksdb.RocksDBException;

class StopReasonTest {
    private static final Path STATES = Path.of("/nowhere/sequitur/fleet");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "IO error: No space left on device: While appending to file: /s/000010.sst: No space left on device",
                "While open a file for appending: /s/000012.dbtmp: Disk quota exceeded"
            })
    void shouldKnowAFullDiskByTheWordsOfRocksDb(String words) {
        Throwable failure = new StreamsException(new ProcessorStateException(
                "Error while executing flush from store entity-state", new RocksDBException(words)));
        assertThat(StopReason.fullDisk(failure, STATES).orElseThrow())
                .contains("/nowhere/sequitur/fleet is full", "KB free", "Make space there", "state.dir");
    }

    @Test
    void shouldKnowAFullDiskByTheWordsOfJava() {
        Throwable failure = new ProcessorStateException("x", new IOException("No space left on device"));
        assertThat(StopReason.fullDisk(failure, STATES)).isPresent();
    }

    @Test
    void shouldTakeNothingElseForAFullDisk() {
        assertThat(StopReason.fullDisk(null, STATES)).isEmpty();
        assertThat(StopReason.fullDisk(
                        new ProcessorStateException("x", new RocksDBException("Corruption: block checksum mismatch")),
                        STATES))
                .isEmpty();
        assertThat(StopReason.fullDisk(new IllegalStateException((String) null), STATES))
                .isEmpty();
    }

    @Test
    void shouldSayWhatJavaSaysByATypeAlone() {
        assertThat(StopReason.inWords(new AccessDeniedException("/s"))).isEqualTo("permission denied");
        assertThat(StopReason.inWords(new NoSuchFileException("/s"))).isEqualTo("there is no /s");
        assertThat(StopReason.inWords(new FileSystemException("/s", null, "Read-only file system")))
                .isEqualTo("Read-only file system");
        assertThat(StopReason.inWords(new IOException("broken"))).isEqualTo("broken");
    }
}
