package dev.sequitur.model.step;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tensorflow.DeviceSpec;
import org.tensorflow.DeviceSpec.DeviceType;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GPUOptions;

/**
 * The devices that TensorFlow has in this process, and sessions on them. A GPU's memory is taken as it is needed, not all
 * at once. A process can use one GPU: TensorFlow maps it when the first session is made, and refuses another mapping.
 *
 * <p>Threading: stateless.
 */
public final class Devices {
    private static final Logger LOG = LoggerFactory.getLogger(Devices.class);
    /** Where TensorFlow's CUDA build has its library. */
    private static final String CUDA_BUILD = "/org/tensorflow/internal/c_api/linux-x86_64-gpu/libtensorflow_cc.so.2";

    private static final String GPU = "GPU";
    /** Of {@code inter_op_parallelism_threads}, as TensorFlow's config.proto has it. */
    private static final int CALLERS_THREAD = -1;

    static {
        NativeMemory.leaveToTheSystem();
    }

    private Devices() {}

    /**
     * The settings of a session on a device.
     *
     * @param threads of the CPU that an operation, and that operations side by side may use
     */
    public static ConfigProto session(Device device, int threads) {
        return session(device, threads, threads);
    }

    /**
     * The settings of a session whose calls run on the threads that make them, however many there are. A pool of one
     * thread would have them wait for one another, and hand each call from thread to thread.
     */
    static ConfigProto onCallersThread(Device device) {
        return session(device, 1, CALLERS_THREAD);
    }

    private static ConfigProto session(Device device, int intra, int inter) {
        ConfigProto.Builder config =
                ConfigProto.newBuilder().setIntraOpParallelismThreads(intra).setInterOpParallelismThreads(inter);
        if (device.kind() == Device.Kind.CPU) {
            return config.putDeviceCount(GPU, 0).build();
        }
        return config.setGpuOptions(GPUOptions.newBuilder()
                        .setAllowGrowth(true)
                        .setVisibleDeviceList(Integer.toString(device.number())))
                .build();
    }

    /**
     * The device that a wish comes to. Warns where TensorFlow's CUDA build, asked for what there is, finds no GPU.
     *
     * @return the CPU or a GPU
     * @throws IllegalArgumentException when a GPU is asked for that isn't there
     */
    public static Device resolve(Device wish) {
        if (wish.kind() == Device.Kind.CPU) {
            return wish;
        }
        if (wish.kind() == Device.Kind.GPU) {
            if (!cudaBuild()) {
                throw new IllegalArgumentException(
                        wish + " is asked for, but TensorFlow is its build for the CPU alone."
                                + " Build with -Pgpu, or ask for auto or cpu");
            }
            if (!present(wish)) {
                throw new IllegalArgumentException(wish + " is asked for, but TensorFlow finds no such GPU. Look for it"
                        + " with nvidia-smi, or ask for auto or cpu");
            }
            return wish;
        }
        if (!cudaBuild()) {
            return Device.CPU;
        }
        if (present(Device.gpu(0))) {
            return Device.gpu(0);
        }
        LOG.warn(
                "TensorFlow's CUDA build finds no GPU; the CPU computes. Set sequitur.tensorflow.device to cpu if that is"
                        + " meant, else look for the driver with nvidia-smi");
        return Device.CPU;
    }

    static boolean cudaBuild() {
        return Devices.class.getResource(CUDA_BUILD) != null;
    }

    /** Whether a graph can run there: TensorFlow's public API lists no devices. */
    private static boolean present(Device gpu) {
        try (Graph graph = new Graph()) {
            // The only visible one is TensorFlow's first.
            Ops there = Ops.create(graph)
                    .withDevice(DeviceSpec.newBuilder()
                            .deviceType(DeviceType.GPU)
                            .deviceIndex(0)
                            .build());
            var sum = there.math.add(there.constant(1f), there.constant(2f));
            try (Session session = new Session(graph, session(gpu, 1));
                    Result ignored = session.runner().fetch(sum).run()) {
                return true;
            }
        } catch (TensorFlowException | TFInvalidArgumentException e) {
            LOG.debug("{} can't be used", gpu, e);
            return false;
        }
    }
}
