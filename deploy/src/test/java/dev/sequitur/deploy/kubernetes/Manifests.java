package dev.sequitur.deploy.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Kubernetes resources, read strictly: a kind that isn't known, a field that its schema doesn't have and a value of the
 * wrong type fail. Schemas are those of Kubernetes and of the Prometheus operator as the model classes have them, and
 * {@link ScaledObject}.
 */
final class Manifests {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final KubernetesSerialization KUBERNETES = new KubernetesSerialization(new ObjectMapper(), true);

    /** Numbers that Kubernetes takes as texts too. */
    private static final Pattern QUANTITY = Pattern.compile("/(requests|limits)/.+$|/sizeLimit$");

    /** The model classes keep what they don't know apart and write it again; this writes what they know. */
    private static final ObjectMapper WRITER = new ObjectMapper()
            .setAnnotationIntrospector(new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1;

                @Override
                public Boolean hasAnyGetter(Annotated annotated) {
                    return false;
                }
            });

    static {
        KUBERNETES.registerKubernetesResource(ScaledObject.class);
    }

    private Manifests() {}

    /**
     * The resources of a file.
     *
     * @throws IllegalArgumentException naming the field that doesn't belong there
     */
    static List<HasMetadata> read(String yaml) throws IOException {
        List<HasMetadata> resources = new ArrayList<>();
        try (YAMLParser parser = new YAMLFactory().createParser(yaml)) {
            var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(parser);
            while (documents.hasNext()) {
                JsonNode document = documents.next();
                if (!document.isNull()) {
                    resources.add(resource(document));
                }
            }
        }
        return resources;
    }

    private static HasMetadata resource(JsonNode document) {
        String what = document.path("kind").asText() + " "
                + document.at("/metadata/name").asText();
        HasMetadata typed;
        try {
            typed = KUBERNETES.convertValue(document, HasMetadata.class);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(what + ": " + e.getMessage(), e);
        }
        if (typed instanceof GenericKubernetesResource) {
            throw new IllegalArgumentException(what + ": no such kind as "
                    + document.path("apiVersion").asText() + " "
                    + document.path("kind").asText());
        }
        List<String> wrong = new ArrayList<>();
        compare("", document, WRITER.valueToTree(typed), wrong);
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(what + ": " + String.join(", ", wrong));
        }
        return typed;
    }

    private static void compare(String path, JsonNode written, JsonNode understood, List<String> wrong) {
        boolean empty = written.isNull() || (written.isContainerNode() && written.isEmpty());
        if (understood == null || understood.isNull()) {
            if (!empty) {
                wrong.add(path + " is unknown or has a value of the wrong type");
            }
        } else if (written.isObject()) {
            written.properties()
                    .forEach(f -> compare(path + "/" + f.getKey(), f.getValue(), understood.get(f.getKey()), wrong));
        } else if (written.isArray()) {
            for (int i = 0; i < written.size(); i++) {
                compare(path + "/" + i, written.get(i), understood.get(i), wrong);
            }
        } else if (written.getNodeType() != understood.getNodeType()
                && !QUANTITY.matcher(path).find()) {
            wrong.add(path + " is a " + written.getNodeType() + ", expected a " + understood.getNodeType());
        }
    }
}
