package dev.sequitur.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.marcnuri.helm.Helm;
import dev.sequitur.deploy.application.ConfigurationNames;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The plain manifests: strictly read, resolved by kubectl where there is one, and no different from the chart. */
class KustomizeTest {
    private static final Path KUSTOMIZE = Path.of("kustomize");

    private static StatefulSet statefulSet(List<HasMetadata> resources) {
        return resources.stream()
                .filter(StatefulSet.class::isInstance)
                .map(StatefulSet.class::cast)
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "base/serviceaccount.yaml",
                "base/service.yaml",
                "base/statefulset.yaml",
                "base/poddisruptionbudget.yaml",
                "overlays/example/statefulset.yaml"
            })
    void shouldHaveResourcesOfKubernetesOnly(String file) throws IOException {
        assertThat(Manifests.read(Files.readString(KUSTOMIZE.resolve(file)))).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"base", "overlays/example"})
    void shouldConfigureWhatTheApplicationReads(String directory) throws IOException {
        Properties properties = new Properties();
        properties.load(
                new StringReader(Files.readString(KUSTOMIZE.resolve(directory).resolve("sequitur.properties"))));
        assertThat(ConfigurationNames.unknownProperties(properties.stringPropertyNames()))
                .isEmpty();
    }

    @Test
    void shouldRunThePodOfTheChart() throws IOException {
        PodSpec plain = statefulSet(Manifests.read(Files.readString(KUSTOMIZE.resolve("base/statefulset.yaml"))))
                .getSpec()
                .getTemplate()
                .getSpec();
        PodSpec chart = statefulSet(Manifests.read(new Helm(Path.of("helm", "sequitur"))
                        .template()
                        .withName("sequitur")
                        .withKubeVersion("1.31.0")
                        .withValuesFile(Path.of("helm", "sequitur", "ci", "minimal-values.yaml"))
                        .set("model.existingClaim", "sequitur-models")
                        .call()))
                .getSpec()
                .getTemplate()
                .getSpec();
        // The chart selects by the release too.
        chart.getTopologySpreadConstraints()
                .forEach(c -> c.getLabelSelector().getMatchLabels().remove("app.kubernetes.io/instance"));
        assertThat(plain).isEqualTo(chart);
    }

    @Test
    void shouldResolveToOneApplicationUnderItsOwnNames() throws Exception {
        List<HasMetadata> resources = Manifests.read(build("overlays/example"));
        assertThat(resources)
                .allSatisfy(
                        resource -> assertThat(resource.getMetadata().getName()).startsWith("fleet-"))
                .extracting(HasMetadata::getKind)
                .containsExactlyInAnyOrder(
                        "ServiceAccount", "ConfigMap", "Service", "StatefulSet", "PodDisruptionBudget");
        StatefulSet set = statefulSet(resources);
        assertThat(set.getSpec().getReplicas()).isEqualTo(3);
        List<String> variables = set.getSpec().getTemplate().getSpec().getContainers().get(0).getEnv().stream()
                .map(EnvVar::getName)
                .toList();
        assertThat(variables)
                .as("what the overlay adds and what the base has")
                .contains("KAFKA_SASL_JAAS_CONFIG", "KAFKA_GROUP_INSTANCE_ID");
        assertThat(ConfigurationNames.unknownVariables(variables)).isEmpty();
        assertThat(resources)
                .filteredOn(ConfigMap.class::isInstance)
                .extracting(map -> map.getMetadata().getName())
                .contains(set.getSpec().getTemplate().getSpec().getVolumes().stream()
                        .filter(v -> v.getConfigMap() != null)
                        .map(v -> v.getConfigMap().getName())
                        .findFirst()
                        .orElseThrow());
        assertThat(resources).filteredOn(PodDisruptionBudget.class::isInstance).allSatisfy(budget -> assertThat(
                        ((PodDisruptionBudget) budget).getSpec().getSelector().getMatchLabels())
                .isEqualTo(set.getSpec().getSelector().getMatchLabels()));
    }

    /** What kubectl makes of a directory; needs no cluster. */
    private static String build(String directory) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(
                            "kubectl", "kustomize", KUSTOMIZE.resolve(directory).toString())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            assumeTrue(false, "there is no kubectl on the PATH, so nothing resolves the overlay");
            throw e;
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }
}
