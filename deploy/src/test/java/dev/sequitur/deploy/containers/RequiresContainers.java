package dev.sequitur.deploy.containers;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerFetchException;

/**
 * A test that needs a container engine and images that are there. Without them it is skipped, with the reason; with
 * {@code CONTAINERS=required} in the environment it fails. (Testcontainers' own condition asks for an engine alone: where
 * images can't be pulled it takes minutes and then skips too.)
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@ExtendWith(RequiresContainers.Condition.class)
@interface RequiresContainers {
    Image[] value();

    /** Looks before anything of the test class runs. */
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            RequiresContainers wanted = context.getRequiredTestClass().getAnnotation(RequiresContainers.class);
            return evaluate(missing(wanted.value()), "required".equals(System.getenv("CONTAINERS")));
        }

        static ConditionEvaluationResult evaluate(Optional<String> missing, boolean required) {
            if (missing.isEmpty()) {
                return ConditionEvaluationResult.enabled("engine and images are there");
            }
            if (required) {
                throw new ExtensionConfigurationException("CONTAINERS=required, but " + missing.get());
            }
            return ConditionEvaluationResult.disabled(missing.get());
        }

        /** Asked once: after it has failed Testcontainers gives a client that can't do everything. */
        private static final Optional<String> NO_ENGINE = noEngine();

        private static Optional<String> noEngine() {
            try {
                DockerClientFactory.instance().client();
                return Optional.empty();
            } catch (IllegalStateException | ContainerFetchException e) {
                // The second one where an engine answers and Testcontainers' own image can't be pulled.
                return Optional.of("there is no container engine that Testcontainers can use: " + e.getMessage());
            }
        }

        private static Optional<String> missing(Image[] images) {
            if (NO_ENGINE.isPresent()) {
                return NO_ENGINE;
            }
            DockerClient client = DockerClientFactory.instance().client();
            for (Image image : images) {
                try {
                    client.inspectImageCmd(image.reference()).exec();
                } catch (NotFoundException e) {
                    return Optional.of("there is no image " + image.reference() + ": " + image.source());
                }
            }
            return Optional.empty();
        }
    }
}
