package dev.sequitur.deploy.containers;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The images that container tests run, in the versions of this build. */
enum Image {
    SEQUITUR("sequitur:" + version("sequitur"), "deploy/images/build"),
    KAFKA("apache/kafka:" + version("kafka"), "docker pull, or deploy/images/offline/build kafka"),
    REGISTRY(
            "apicurio/apicurio-registry:" + System.getProperty("apicurio.version"),
            "docker pull, or deploy/images/offline/build registry");

    private final String reference;
    private final String source;

    Image(String reference, String source) {
        this.reference = reference;
        this.source = source;
    }

    /** Name and tag. */
    String reference() {
        return reference;
    }

    /** The command that brings it here. */
    String source() {
        return source;
    }

    private static String version(String of) {
        Properties versions = new Properties();
        try (InputStream file = Image.class.getResourceAsStream("/sequitur-version.properties")) {
            versions.load(file);
        } catch (IOException e) {
            throw new UncheckedIOException("the versions of this build can't be read", e);
        }
        return versions.getProperty(of);
    }
}
