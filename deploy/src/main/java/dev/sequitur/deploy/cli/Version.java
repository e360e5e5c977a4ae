package dev.sequitur.deploy.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. The build writes the numbers. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        Properties built = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("/sequitur-version.properties")) {
            built.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "sequitur-version.properties can't be read; build the deploy module again", e);
        }
        return new String[] {
            "sequitur " + built.getProperty("sequitur"),
            "Kafka " + built.getProperty("kafka") + ", TensorFlow Java " + built.getProperty("tensorflow") + ", Java "
                    + Runtime.version()
        };
    }
}
