package dev.sequitur.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import dev.sequitur.deploy.application.ApplicationConfig;
import dev.sequitur.deploy.application.ConfigurationNames;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The chart, rendered by Helm itself, against the schemas of Kubernetes and of what the application reads. */
class HelmChartTest {
    private static final Path CHART = Path.of("helm", "sequitur");
    private static final Path MINIMAL = CHART.resolve("ci/minimal-values.yaml");
    private static final Path EVERYTHING = CHART.resolve("ci/everything-values.yaml");
    private static final Path GPU = CHART.resolve("ci/gpu-values.yaml");
    private static final Path NO_PERSISTENCE = CHART.resolve("ci/no-persistence-values.yaml");

    static List<Path> valueSets() throws IOException {
        try (Stream<Path> files = Files.list(CHART.resolve("ci"))) {
            return files.sorted().toList();
        }
    }

    private static TemplateCommand template(Path values) {
        return new Helm(CHART)
                .template()
                .withName("fleet")
                .withNamespace("prod")
                .withKubeVersion("1.31.0")
                .withValuesFile(values);
    }

    private static List<HasMetadata> render(Path values) throws IOException {
        return Manifests.read(template(values).call());
    }

    private static <T extends HasMetadata> T only(Class<T> kind, List<HasMetadata> resources) {
        List<T> found =
                resources.stream().filter(kind::isInstance).map(kind::cast).toList();
        assertThat(found).as(kind.getSimpleName()).hasSize(1);
        return found.get(0);
    }

    private static PodSpec pod(List<HasMetadata> resources) {
        return only(StatefulSet.class, resources).getSpec().getTemplate().getSpec();
    }

    private static Container application(List<HasMetadata> resources) {
        return pod(resources).getContainers().get(0);
    }

    private static Properties properties(List<HasMetadata> resources) throws IOException {
        ConfigMap config = resources.stream()
                .filter(ConfigMap.class::isInstance)
                .map(ConfigMap.class::cast)
                .filter(map -> map.getData().containsKey("sequitur.properties"))
                .findFirst()
                .orElseThrow();
        Properties properties = new Properties();
        properties.load(new StringReader(config.getData().get("sequitur.properties")));
        return properties;
    }

    @Test
    void shouldPassHelmsLint() {
        LintResult lint = new Helm(CHART).lint().strict().call();
        assertThat(lint.isFailed()).as("%s", lint.getMessages()).isFalse();
    }

    @Test
    void shouldBeOfTheVersionThatIsBuilt() throws IOException {
        String chart = Files.readString(CHART.resolve("Chart.yaml"));
        String pom = Files.readString(Path.of("../pom.xml"));
        String version = chart.replaceFirst("(?s).*\nappVersion: (\\S+)\n.*", "$1");
        assertThat(pom).contains("<artifactId>sequitur</artifactId>\n  <version>" + version + "</version>");
    }

    @ParameterizedTest
    @MethodSource("valueSets")
    void shouldRenderResourcesOfKubernetesOnly(Path values) throws IOException {
        List<HasMetadata> resources = render(values);
        assertThat(resources)
                .extracting(resource -> resource.getMetadata().getNamespace())
                .containsOnlyNulls();
        assertThat(resources)
                .allSatisfy(resource -> assertThat(resource.getMetadata().getLabels())
                        .containsEntry("app.kubernetes.io/name", "sequitur")
                        .containsEntry("app.kubernetes.io/instance", "fleet"));
    }

    @ParameterizedTest
    @MethodSource("valueSets")
    void shouldSetWhatTheApplicationReadsAndNothingElse(Path values) throws IOException {
        List<HasMetadata> resources = render(values);
        assertThat(ConfigurationNames.unknownVariables(application(resources).getEnv().stream()
                        .map(EnvVar::getName)
                        .toList()))
                .isEmpty();
        Properties properties = properties(resources);
        assertThat(ConfigurationNames.unknownProperties(properties.stringPropertyNames()))
                .isEmpty();
        // Reads every value of its own, and refuses a wrong one.
        ApplicationConfig config = ApplicationConfig.of(properties, Map.of());
        assertThat(config.bundle().startsWith("/models")).isTrue();
    }

    @ParameterizedTest
    @MethodSource("valueSets")
    void shouldRunWithoutPrivileges(Path values) throws IOException {
        PodSpec pod = pod(render(values));
        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getSecurityContext().getRunAsUser()).isEqualTo(10001);
        assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        List<Container> containers = new ArrayList<>(pod.getContainers());
        containers.addAll(pod.getInitContainers());
        assertThat(containers).allSatisfy(container -> {
            assertThat(container.getSecurityContext().getReadOnlyRootFilesystem())
                    .isTrue();
            assertThat(container.getSecurityContext().getAllowPrivilegeEscalation())
                    .isFalse();
            assertThat(container.getSecurityContext().getCapabilities().getDrop())
                    .containsExactly("ALL");
        });
    }

    @ParameterizedTest
    @MethodSource("valueSets")
    void shouldMountEachVolumeThatIsThereAndNoOther(Path values) throws IOException {
        List<HasMetadata> resources = render(values);
        Set<String> volumes = new java.util.TreeSet<>(
                pod(resources).getVolumes().stream().map(Volume::getName).toList());
        only(StatefulSet.class, resources).getSpec().getVolumeClaimTemplates().stream()
                .map(claim -> claim.getMetadata().getName())
                .forEach(volumes::add);
        assertThat(application(resources).getVolumeMounts())
                .extracting(VolumeMount::getName)
                .containsExactlyInAnyOrderElementsOf(volumes);
    }

    @Test
    void shouldKeepStatesMembersAndTimeOverARestart() throws IOException {
        List<HasMetadata> resources = render(MINIMAL);
        StatefulSet set = only(StatefulSet.class, resources);
        assertThat(set.getSpec().getVolumeClaimTemplates().get(0).getMetadata().getName())
                .isEqualTo("state");
        EnvVar member = application(resources).getEnv().stream()
                .filter(e -> e.getName().equals("KAFKA_GROUP_INSTANCE_ID"))
                .findFirst()
                .orElseThrow();
        assertThat(member.getValueFrom().getFieldRef().getFieldPath()).isEqualTo("metadata.name");
        Properties properties = properties(resources);
        assertThat(properties).containsEntry("num.standby.replicas", "1");
        // A stop and a start fit into the session, so that nothing moves meanwhile.
        long graceMs = 1000 * pod(resources).getTerminationGracePeriodSeconds();
        assertThat(Long.parseLong(properties.getProperty("session.timeout.ms"))).isGreaterThan(graceMs);
        // The command's own patience with a stop is 40 s.
        assertThat(graceMs).isGreaterThan(40_000);
        assertThat(only(PodDisruptionBudget.class, resources)
                        .getSpec()
                        .getMaxUnavailable()
                        .getIntVal())
                .isEqualTo(1);
    }

    @Test
    void shouldProbeWhatTheProbesAreNamedFor() throws IOException {
        Container container = application(render(MINIMAL));
        assertThat(container.getStartupProbe().getHttpGet().getPath()).isEqualTo("/health/live");
        assertThat(container.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/health/live");
        assertThat(container.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/health/ready");
        assertThat(container.getPorts().get(0).getName())
                .isEqualTo(container.getReadinessProbe().getHttpGet().getPort().getStrVal());
    }

    @Test
    void shouldSelectItsOwnPodsEverywhere() throws IOException {
        List<HasMetadata> resources = render(EVERYTHING);
        StatefulSet set = only(StatefulSet.class, resources);
        Map<String, String> pods = set.getSpec().getTemplate().getMetadata().getLabels();
        Map<String, String> selector = set.getSpec().getSelector().getMatchLabels();
        assertThat(pods).containsAllEntriesOf(selector);
        Service service = only(Service.class, resources);
        assertThat(service.getSpec().getSelector()).isEqualTo(selector);
        assertThat(set.getSpec().getServiceName())
                .isEqualTo(service.getMetadata().getName());
        assertThat(only(PodDisruptionBudget.class, resources)
                        .getSpec()
                        .getSelector()
                        .getMatchLabels())
                .isEqualTo(selector);
        assertThat(only(NetworkPolicy.class, resources)
                        .getSpec()
                        .getPodSelector()
                        .getMatchLabels())
                .isEqualTo(selector);
        assertThat(service.getMetadata().getLabels())
                .containsAllEntriesOf(only(ServiceMonitor.class, resources)
                        .getSpec()
                        .getSelector()
                        .getMatchLabels());
    }

    @Test
    void shouldTakeCredentialsFromSecretsOnly() throws IOException {
        List<HasMetadata> resources = render(EVERYTHING);
        EnvVar jaas = application(resources).getEnv().stream()
                .filter(e -> e.getName().equals("KAFKA_SASL_JAAS_CONFIG"))
                .findFirst()
                .orElseThrow();
        assertThat(jaas.getValueFrom().getSecretKeyRef().getName()).isEqualTo("kafka-credentials");
        assertThat(properties(resources).stringPropertyNames()).doesNotContain("sasl.jaas.config");
    }

    @Test
    void shouldScaleTheStatefulSetByTheLagOfItsGroup() throws IOException {
        List<HasMetadata> resources = render(EVERYTHING);
        StatefulSet set = only(StatefulSet.class, resources);
        ScaledObject.Spec scaled = only(ScaledObject.class, resources).getSpec();
        assertThat(set.getSpec().getReplicas()).as("replicas are KEDA's to set").isNull();
        assertThat(scaled.scaleTargetRef().name()).isEqualTo(set.getMetadata().getName());
        Properties properties = properties(resources);
        assertThat(scaled.triggers()).hasSize(1);
        assertThat(scaled.triggers().get(0).metadata())
                .containsEntry("consumerGroup", properties.getProperty("application.id"))
                .containsEntry("topic", properties.getProperty("sequitur.input.topic"))
                .containsEntry("bootstrapServers", properties.getProperty("bootstrap.servers"))
                .containsEntry("lagThreshold", "10000");
    }

    @Test
    void shouldShipTheAlertRulesAsTheyAreWithTheirRunbook() throws IOException {
        PrometheusRule rule = only(PrometheusRule.class, render(EVERYTHING));
        String alerts = Files.readString(Path.of("monitoring", "alerts.yml"));
        var rules = rule.getSpec().getGroups().get(0).getRules();
        assertThat(rules).hasSize(alerts.split("- alert: ").length - 1);
        assertThat(rules).allSatisfy(r -> {
            assertThat(alerts).contains("- alert: " + r.getAlert() + "\n");
            assertThat(r.getAnnotations())
                    .containsEntry("runbook_url", "https://example.org/RUNBOOK.md#" + lower(r.getAlert()));
        });
        // What Prometheus fills in reaches it as it was written.
        assertThat(rules.get(0).getAnnotations()).containsEntry("summary", "{{ $labels.instance }} does not answer.");
    }

    private static String lower(String name) {
        return name.toLowerCase(java.util.Locale.ROOT);
    }

    @Test
    void shouldAskForGpusAndTheirImage() throws IOException {
        List<HasMetadata> resources = render(GPU);
        Container container = application(resources);
        assertThat(container.getImage()).endsWith("-gpu");
        assertThat(container.getResources().getLimits())
                .containsEntry("nvidia.com/gpu", new Quantity("1"))
                .containsEntry("memory", new Quantity("2Gi"));
        assertThat(container.getEnv()).contains(new EnvVar("SEQUITUR_TENSORFLOW_DEVICE", "gpu:0", null));
        assertThat(pod(resources).getNodeSelector()).containsEntry("accelerator", "h200");
        assertThat(pod(resources).getTolerations()).anyMatch(t -> t.getKey().equals("nvidia.com/gpu"));
        assertThat(pod(resources).getInitContainers().get(0).getVolumeMounts())
                .extracting(VolumeMount::getName)
                .containsExactly("tmp", "models");
    }

    @Test
    void shouldDoWithoutVolumesAndStaticMembers() throws IOException {
        List<HasMetadata> resources = render(NO_PERSISTENCE);
        assertThat(only(StatefulSet.class, resources).getSpec().getVolumeClaimTemplates())
                .isEmpty();
        assertThat(application(resources).getEnv())
                .extracting(EnvVar::getName)
                .doesNotContain("KAFKA_GROUP_INSTANCE_ID");
        assertThat(properties(resources)).doesNotContainKey("session.timeout.ms");
        assertThat(resources).noneMatch(PodDisruptionBudget.class::isInstance);
    }

    @Test
    void shouldChangeThePodsWithTheConfiguration() throws IOException {
        String annotation = "checksum/config";
        Map<String, String> before = podAnnotations(template(MINIMAL));
        Map<String, String> after = podAnnotations(template(MINIMAL).set("config.commit\\.interval\\.ms", 500));
        assertThat(after.get(annotation)).isNotEqualTo(before.get(annotation));
    }

    private static Map<String, String> podAnnotations(TemplateCommand command) throws IOException {
        return only(StatefulSet.class, Manifests.read(command.call()))
                .getSpec()
                .getTemplate()
                .getMetadata()
                .getAnnotations();
    }

    @Test
    void shouldSayWhatIsMissingOrTooMuch() {
        assertThatThrownBy(
                        () -> template(MINIMAL).set("model.existingClaim", "").call())
                .hasMessageContaining("exactly one of existingClaim, image.repository and initContainer, got 0");
        assertThatThrownBy(() ->
                        template(MINIMAL).set("model.image.repository", "m").call())
                .hasMessageContaining("got 2: existingClaim, image");
        assertThatThrownBy(() -> template(MINIMAL)
                        .set("config.sequitur\\.input\\.topic", "")
                        .call())
                .hasMessageContaining("sequitur.input.topic is required");
        assertThatThrownBy(() ->
                        template(MINIMAL).set("config.state\\.dir", "/data").call())
                .hasMessageContaining("state.dir is set by the chart");
        assertThatThrownBy(
                        () -> template(MINIMAL).set("autoscaling.enabled", true).call())
                .hasMessageContaining("application.id is required for autoscaling");
        assertThatThrownBy(() -> template(MINIMAL).set("replica", 3).call()).hasMessageContaining("replica");
        assertThatThrownBy(() -> template(MINIMAL)
                        .set("terminationGracePeriodSeconds", 10)
                        .call())
                .hasMessageContaining("terminationGracePeriodSeconds");
    }
}
