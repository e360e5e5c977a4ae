package dev.sequitur.deploy.registry;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A file of keys or certificates.
 *
 * @param key of the configuration, that names it
 * @param type JKS, PKCS12 or PEM
 */
record KeyFile(String key, Path path, String type, Optional<String> password) {
    char[] secret() {
        return password.map(String::toCharArray).orElse(null);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return key + " (" + type + " file " + path + ")";
    }
}
