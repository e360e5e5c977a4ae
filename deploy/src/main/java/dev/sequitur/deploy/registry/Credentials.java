package dev.sequitur.deploy.registry;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;

/**
 * What the {@code Authorization} header of a request says, if it has one.
 *
 * <p>Threading: safe for use by many threads.
 */
@FunctionalInterface
interface Credentials {
    Credentials NONE = Optional::empty;

    /** @throws IOException when they are in a file that can't be read now */
    Optional<String> authorization() throws IOException;

    /** @param userInfo {@code user:password} (RFC 7617) */
    static Credentials basic(String userInfo) {
        Optional<String> header =
                Optional.of("Basic " + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8)));
        return () -> header;
    }

    /** RFC 6750. */
    static Credentials bearer(String token) {
        Optional<String> header = Optional.of("Bearer " + token.strip());
        return () -> header;
    }

    /** A file that whoever renews the token writes anew. */
    static Credentials bearerFrom(Path file) {
        return () -> Optional.of("Bearer " + Files.readString(file).strip());
    }
}
