package dev.sequitur.deploy.application;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Why an application has stopped by itself, where its surroundings are to blame, and what to do about them. */
final class StopReason {
    /** As the operating system says it, through Java and through RocksDB. */
    private static final List<String> FULL = List.of("No space left on device", "Disk quota exceeded");

    private StopReason() {}

    /**
     * @param failure as Kafka Streams gave it, or null
     * @param states where the states are
     * @return empty for anything but a disk that is full
     */
    static Optional<String> fullDisk(Throwable failure, Path states) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = String.valueOf(cause.getMessage());
            if (FULL.stream().anyMatch(message::contains)) {
                return Optional.of(
                        "the disk of the state directory " + states.toAbsolutePath() + " is full" + free(states)
                                + ". Make space there, or give state.dir a larger disk, whose states are restored from Kafka");
            }
        }
        return Optional.empty();
    }

    private static String free(Path states) {
        Path there = states.toAbsolutePath();
        while (there.getParent() != null && !Files.exists(there)) {
            there = there.getParent();
        }
        try {
            return " (" + Files.getFileStore(there).getUsableSpace() / 1024 + " KB free)";
        } catch (IOException e) {
            return "";
        }
    }

    /** A failure to read or write; Java says some by the name of the exception alone. */
    static String inWords(IOException failure) {
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failure instanceof FileAlreadyExistsException e) {
            return e.getFile() + " is a file";
        }
        if (failure instanceof NoSuchFileException e) {
            return "there is no " + e.getFile();
        }
        if (failure instanceof FileSystemException e && e.getReason() != null) {
            return e.getReason();
        }
        return String.valueOf(failure.getMessage());
    }
}
