package dev.sequitur.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/** What records were written with by every released version: a decoder that knows them reads what is stored. */
public final class ReleasedSchemas {
    /** Versions whose schemas stand beside this class, under {@code released}. */
    static final List<String> VERSIONS = List.of("0.1.0");

    private ReleasedSchemas() {}

    /** The schemas that a record had, oldest first; none for one that no version had. */
    public static List<Schema> of(Class<? extends SpecificRecord> type) {
        List<Schema> schemas = new ArrayList<>();
        for (String version : VERSIONS) {
            String file = "released/" + version + "/" + type.getSimpleName() + ".avsc";
            try (InputStream in = ReleasedSchemas.class.getResourceAsStream(file)) {
                if (in != null) {
                    schemas.add(new Schema.Parser().parse(in));
                }
            } catch (IOException e) {
                throw new UncheckedIOException("the released schema " + file + " can't be read", e);
            }
        }
        return schemas;
    }
}
