package dev.sequitur.deploy.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sequitur.deploy.export.FileFormat;
import dev.sequitur.deploy.export.ResultExport;
import dev.sequitur.deploy.report.RecordJson;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.CommonClientConfigs;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "export",
        description = {
            "Writes the scores or predictions of a topic, committed and up to its present end, to a file.",
            "avro: the records as they are. csv, parquet: a row for each field of each event, with what was observed and"
                    + " what was expected."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sequitur export --bootstrap-servers broker:9092 --topic scores --format parquet --out scores.parquet",
            "  sequitur export --bootstrap-servers broker:9092 --topic predictions --format csv --out p.csv"
        })
final class ExportCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final GlobalOptions options;

    @Option(names = "--bootstrap-servers", required = true, paramLabel = "HOST:PORT", description = "Of the cluster.")
    private String bootstrapServers;

    @Option(
            names = "--client-config",
            paramLabel = "FILE",
            description = "Properties of Kafka's clients, such as the cluster's login.")
    private Path clientConfig;

    @Option(names = "--topic", required = true, paramLabel = "NAME", description = "Of scores or predictions.")
    private String topic;

    @Option(names = "--format", required = true, paramLabel = "FORMAT", description = "avro, csv or parquet.")
    private FileFormat format;

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "The file; what is there is replaced.")
    private Path out;

    ExportCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() throws IOException {
        if (Files.isDirectory(out) || !Files.isDirectory(out.toAbsolutePath().getParent())) {
            throw new UserException("--out " + out + " must be a file in a directory that is there");
        }
        long written = new ResultExport(clients(), topic).write(out, format);
        if (options.json()) {
            terminal.out()
                    .line(RecordJson.line(JsonNodeFactory.instance
                            .objectNode()
                            .put("records", written)
                            .put("file", out.toString())));
        } else {
            terminal.err().line(written + " records of " + topic + " written to " + out);
        }
        return 0;
    }

    private Map<String, Object> clients() {
        Properties properties = new Properties();
        if (clientConfig != null) {
            try (Reader reader = Files.newBufferedReader(clientConfig)) {
                properties.load(reader);
            } catch (IOException | IllegalArgumentException e) {
                throw new UserException("--client-config " + clientConfig + " can't be read: " + e.getMessage(), e);
            }
        }
        Map<String, Object> clients = new HashMap<>();
        properties.stringPropertyNames().forEach(name -> clients.put(name, properties.getProperty(name)));
        clients.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        return clients;
    }
}
