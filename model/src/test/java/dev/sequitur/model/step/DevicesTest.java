package dev.sequitur.model.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import org.junit.jupiter.api.Test;
import org.tensorflow.proto.ConfigProto;

class DevicesTest {
    @Test
    void shouldTakeTheCpuWhereNoGpuIsBuiltFor() {
        assumeFalse(Devices.cudaBuild(), "this is the build for GPUs");
        assertThat(Devices.resolve(Device.AUTO)).isEqualTo(Device.CPU);
        assertThat(Devices.resolve(Device.CPU)).isEqualTo(Device.CPU);
    }

    @Test
    void shouldRefuseAGpuThatIsNotThereAndSayWhatToDo() {
        assertThatThrownBy(() -> Devices.resolve(Device.gpu(999)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("gpu:999 is asked for")
                .hasMessageContaining("or ask for auto or cpu");
    }

    @Test
    void shouldHideGpusFromASessionOfTheCpu() {
        ConfigProto config = Devices.session(Device.CPU, 3);
        assertThat(config.getDeviceCountMap()).containsEntry("GPU", 0);
        assertThat(config.getIntraOpParallelismThreads()).isEqualTo(3);
        assertThat(config.getInterOpParallelismThreads()).isEqualTo(3);
    }

    @Test
    void shouldRunAStepOnTheThreadThatMakesTheCall() {
        ConfigProto config = Devices.onCallersThread(Device.CPU);
        assertThat(config.getIntraOpParallelismThreads()).isEqualTo(1);
        assertThat(config.getInterOpParallelismThreads()).isNegative();
    }

    @Test
    void shouldTakeOneGpuAndItsMemoryAsItIsNeeded() {
        ConfigProto config = Devices.session(Device.gpu(2), 1);
        assertThat(config.getDeviceCountMap()).isEmpty();
        assertThat(config.getGpuOptions().getVisibleDeviceList()).isEqualTo("2");
        assertThat(config.getGpuOptions().getAllowGrowth()).isTrue();
    }
}
