package dev.sequitur.deploy.application;

import dev.sequitur.deploy.terminal.UserException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.StreamsConfig;

/**
 * An application's states on this machine: {@code state.dir/application.id}, which Kafka Streams locks by its file {@code
 * .lock} as long as an instance runs on it.
 *
 * <p>Threading: belongs to one thread.
 */
final class LocalStates {
    /** Kafka Streams' own; LocalStatesTest would notice another. */
    private static final String LOCK = ".lock";

    private final Path directory;

    LocalStates(StreamsConfig config) {
        directory = Path.of(
                config.getString(StreamsConfig.STATE_DIR_CONFIG),
                config.getString(StreamsConfig.APPLICATION_ID_CONFIG));
    }

    Path directory() {
        return directory;
    }

    boolean exist() {
        return Files.isDirectory(directory);
    }

    /** Of all files in it. */
    long bytes() {
        if (!exist()) {
            return 0;
        }
        try (Stream<Path> paths = Files.walk(directory)) {
            return paths.filter(Files::isRegularFile)
                    .mapToLong(path -> path.toFile().length())
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The partitions, as directories of tasks, that have states here. */
    List<String> tasks() {
        if (!exist()) {
            return List.of();
        }
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.map(path -> path.getFileName().toString())
                    .filter(name -> name.matches("[0-9]+_[0-9]+"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Creates what isn't there, and tries a file.
     *
     * @throws UserException when states can't be written
     */
    void requireWritable() {
        try {
            Files.createDirectories(directory);
            Files.delete(Files.createTempFile(directory, "writable-", ""));
        } catch (IOException e) {
            throw new UserException(
                    "The state directory " + directory.toAbsolutePath() + " can't be written by user "
                            + System.getProperty("user.name") + ": " + StopReason.inWords(e)
                            + ". Give state.dir a directory that this user may write, with space for the states, or"
                            + " change the owner of this one",
                    e);
        }
    }

    /** @throws UserException when an instance runs on them */
    void requireUnused() {
        if (exist()) {
            locked(() -> {});
        }
    }

    /**
     * Deletes them all. What Kafka Streams lost can be restored from the changelogs.
     *
     * @throws UserException when an instance runs on them
     */
    void delete() {
        if (exist()) {
            locked(() -> {
                try {
                    Utils.delete(directory.toFile());
                } catch (IOException e) {
                    throw new UserException(
                            "The states in " + directory.toAbsolutePath() + " can't be deleted: "
                                    + StopReason.inWords(e),
                            e);
                }
            });
        }
    }

    private void locked(Runnable work) {
        try (FileChannel channel =
                        FileChannel.open(directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock == null || !lock.isValid()) {
                throw inUse();
            }
            work.run();
        } catch (OverlappingFileLockException e) {
            throw inUse();
        } catch (IOException e) {
            throw new UserException(
                    "The states in " + directory.toAbsolutePath() + " can't be locked: " + StopReason.inWords(e)
                            + ". Run this as the user that runs the application",
                    e);
        }
    }

    private UserException inUse() {
        return new UserException(
                "The states in " + directory.toAbsolutePath() + " are in use by an instance that runs on"
                        + " this machine. Stop it first, or give each instance a state.dir of its own");
    }
}
