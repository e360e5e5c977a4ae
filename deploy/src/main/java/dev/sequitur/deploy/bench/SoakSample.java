package dev.sequitur.deploy.bench;

import dev.sequitur.model.step.NativeMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * How much an application holds at a moment.
 *
 * @param seconds since the first sample
 * @param events scored so far
 * @param resident bytes of the process in memory, heap and native memory together
 * @param stores bytes that RocksDB says to hold, of {@code resident}: memtables, cached blocks, indexes
 * @param files open file descriptors: sockets, RocksDB's tables, logs
 * @param threads of the process, native ones too
 * @param tensors objects that TensorFlow's Java side has to release
 */
record SoakSample(double seconds, long events, long resident, long stores, long files, long threads, long tensors) {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path FILES = Path.of("/proc/self/fd");
    private static final int KB = 1024;

    /** Whether this machine tells what a process holds. */
    static boolean possible() {
        return Files.isReadable(STATUS) && Files.isDirectory(FILES);
    }

    /** Of this process, with what its application says. */
    static SoakSample take(double seconds, long events, long stores) throws IOException {
        long resident = 0;
        long threads = 0;
        for (String line : Files.readAllLines(STATUS)) {
            if (line.startsWith("VmRSS:")) {
                resident = number(line) * KB;
            } else if (line.startsWith("Threads:")) {
                threads = number(line);
            }
        }
        try (Stream<Path> files = Files.list(FILES)) {
            return new SoakSample(
                    seconds,
                    events,
                    resident,
                    stores,
                    files.count(),
                    threads,
                    NativeMemory.now().objects());
        }
    }

    private static long number(String line) {
        return Long.parseLong(line.replaceAll("\\D", ""));
    }
}
