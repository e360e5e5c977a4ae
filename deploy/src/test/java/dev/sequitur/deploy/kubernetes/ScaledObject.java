package dev.sequitur.deploy.kubernetes;

import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBehavior;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;
import java.util.Map;

/** What the chart uses of KEDA's resource, by its definition {@code keda.sh_scaledobjects}, version v1alpha1. */
@Group("keda.sh")
@Version("v1alpha1")
public final class ScaledObject extends CustomResource<ScaledObject.Spec, Void> {
    private static final long serialVersionUID = 1;

    /** What is scaled between which bounds, and by what. */
    public record Spec(
            Target scaleTargetRef,
            int minReplicaCount,
            int maxReplicaCount,
            int pollingInterval,
            Advanced advanced,
            List<Trigger> triggers) {}

    public record Target(String apiVersion, String kind, String name) {}

    public record Advanced(Autoscaler horizontalPodAutoscalerConfig) {}

    public record Autoscaler(HorizontalPodAutoscalerBehavior behavior) {}

    /** @param metadata texts only: KEDA refuses numbers */
    public record Trigger(String type, Map<String, String> metadata, Authentication authenticationRef) {}

    public record Authentication(String name) {}
}
