package dev.sequitur.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The check that the manifests are checked with notices what is wrong. */
class ManifestsTest {
    private static final String GOOD =
            """
            apiVersion: apps/v1
            kind: StatefulSet
            metadata:
              name: fleet
            spec:
              replicas: 2
              serviceName: fleet
              selector: {matchLabels: {app: fleet}}
              template:
                spec:
                  containers:
                    - name: sequitur
                      readinessProbe: {httpGet: {path: /health/ready, port: http}}
                      env: [{name: A, value: "1"}]
                      resources: {requests: {cpu: 1}}
            ---
            apiVersion: monitoring.coreos.com/v1
            kind: ServiceMonitor
            metadata: {name: fleet}
            spec:
              selector: {}
              endpoints: [{port: http, interval: 30s}]
            ---
            apiVersion: keda.sh/v1alpha1
            kind: ScaledObject
            metadata: {name: fleet}
            spec:
              minReplicaCount: 1
              scaleTargetRef: {name: fleet}
              triggers: [{type: kafka, metadata: {topic: events}}]
            """;

    @Test
    void shouldTakeWhatIsRight() throws IOException {
        assertThat(Manifests.read(GOOD))
                .extracting(resource -> resource.getKind())
                .containsExactly("StatefulSet", "ServiceMonitor", "ScaledObject");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "replicas: 2          | replica: 2            | replica",
                "replicas: 2          | replicas: two         | replicas",
                "replicas: 2          | replicas: '2'         | replicas",
                "path: /health/ready  | url: /health/ready    | url",
                "readinessProbe:      | readynessProbe:       | readynessProbe",
                "value: \"1\"         | value: 1              | value",
                "kind: StatefulSet    | kind: StatefulSets    | StatefulSets",
                "apps/v1              | apps/v2               | apps/v2",
                "interval: 30s        | intervall: 30s        | intervall",
                "port: http, interval | ports: http, interval | ports",
                "minReplicaCount: 1   | minReplicas: 1        | minReplicas",
                "topic: events        | topic: {a: b}         | topic"
            })
    void shouldNameAFieldThatDoesNotBelong(String right, String wrong, String named) {
        assertThat(GOOD).contains(right);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Manifests.read(GOOD.replace(right, wrong)))
                .withMessageContaining(named);
    }
}
