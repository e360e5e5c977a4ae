package dev.sequitur.deploy.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;

class RequiresContainersTest {
    private static final Optional<String> MISSING = Optional.of("there is no image x:1: docker pull");

    @Test
    void shouldSkipWithTheReasonWhereSomethingIsMissing() {
        ConditionEvaluationResult result = RequiresContainers.Condition.evaluate(MISSING, false);
        assertThat(result.isDisabled()).isTrue();
        assertThat(result.getReason()).isEqualTo(MISSING);
    }

    @Test
    void shouldFailInsteadWhereContainersAreRequired() {
        assertThatThrownBy(() -> RequiresContainers.Condition.evaluate(MISSING, true))
                .hasMessage("CONTAINERS=required, but there is no image x:1: docker pull");
    }

    @Test
    void shouldRunWhereNothingIsMissing() {
        assertThat(RequiresContainers.Condition.evaluate(Optional.empty(), true).isDisabled())
                .isFalse();
    }
}
