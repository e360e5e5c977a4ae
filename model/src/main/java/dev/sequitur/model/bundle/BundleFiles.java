package dev.sequitur.model.bundle;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** The files of a bundle: names, hashes, JSON, and the way out of a zip. */
final class BundleFiles {
    static final String MANIFEST = "manifest.json";
    static final String FINGERPRINT = "fingerprint";
    static final String GOLDENS = "goldens.json";
    static final String SAVED_MODEL = "saved_model";
    static final String GRAPH = SAVED_MODEL + "/saved_model.pb";
    /** Everything that a manifest must give the hash of. */
    static final List<String> HASHED = List.of(GRAPH, GOLDENS);

    /** A graph is far smaller; a larger zip is an accident or an attack. */
    private static final long MAX_UNPACKED = 1L << 31;

    static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private BundleFiles() {}

    static String sha256(Path file) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (InputStream in = Files.newInputStream(file)) {
                byte[] buffer = new byte[1 << 16];
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    digest.update(buffer, 0, n);
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The first 16 hexadecimal digits of the manifest's SHA-256; the manifest holds the hashes of the other files. */
    static String fingerprint(Path directory) throws IOException {
        return sha256(directory.resolve(MANIFEST)).substring(0, 16);
    }

    /** Unpacks a zip. Refuses entries that leave the directory, and zips that unpack to more than 2 GiB. */
    static void unzip(Path zip, Path directory) throws IOException {
        long size = 0;
        byte[] buffer = new byte[1 << 16];
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                Path target = directory.resolve(entry.getName()).normalize();
                if (!target.startsWith(directory)) {
                    throw new BundleException("Bundle " + zip + " has an entry '" + entry.getName()
                            + "' that leaves its directory; it was not made by sequitur and is refused");
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                    continue;
                }
                Files.createDirectories(target.getParent());
                try (var out = Files.newOutputStream(target)) {
                    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                        size += n;
                        if (size > MAX_UNPACKED) {
                            throw new BundleException("Bundle " + zip + " unpacks to more than " + MAX_UNPACKED
                                    + " bytes; no bundle is that large, it is refused");
                        }
                        out.write(buffer, 0, n);
                    }
                }
            }
        }
    }

    static void deleteRecursively(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
