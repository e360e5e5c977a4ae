package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.bench.BenchModel;
import dev.sequitur.deploy.bench.DeviceBench;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.step.Device;
import dev.sequitur.model.step.Devices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.common.utils.Utils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "device",
        description =
                "Events a second that the network steps, by the size of a call, on the CPU and on the GPU if there"
                        + " is one (GPUs take a build with -Pgpu). No Kafka in it.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sequitur bench device",
            "  sequitur bench device --device gpu:1 --units 256",
            "  sequitur bench device --batch 1,100,10000 --steps 1"
        })
final class DeviceCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final GlobalOptions options;

    @Option(
            names = "--device",
            split = ",",
            paramLabel = "DEVICE",
            description =
                    "cpu or gpu:N, one GPU at most: TensorFlow maps one in a process. Default: cpu, and gpu:0 where"
                            + " it is.")
    private List<String> devices = new ArrayList<>();

    @Option(
            names = "--batch",
            split = ",",
            paramLabel = "N",
            defaultValue = "1,10,100,1000,10000",
            description = "Entities of a call. Default: ${DEFAULT-VALUE}.")
    private List<Integer> rows;

    @Option(
            names = "--steps",
            split = ",",
            paramLabel = "T",
            defaultValue = "1,4,16,64",
            description = "Events of each entity in a call; what the bundle has no block of is left out. Default:"
                    + " ${DEFAULT-VALUE}.")
    private List<Integer> steps;

    @Option(names = "--cell", defaultValue = "lstm", description = "Default: ${DEFAULT-VALUE}.")
    private String cell;

    @Option(names = "--units", defaultValue = "64", description = "Hidden units. Default: ${DEFAULT-VALUE}.")
    private int units;

    @Option(
            names = "--millis",
            defaultValue = "2000",
            description = "Milliseconds of each measurement. Default: ${DEFAULT-VALUE}.")
    private int millis;

    @Spec
    private CommandSpec command;

    DeviceCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() throws IOException {
        if (rows.stream().anyMatch(n -> n < 1) || steps.stream().anyMatch(n -> n < 1) || millis < 1) {
            throw new ParameterException(command.commandLine(), "--batch, --steps and --millis are at least 1");
        }
        List<Device> there = devices.isEmpty() ? present() : wished();
        Path work = Files.createTempDirectory("sequitur-bench-");
        try {
            BenchModel.write(work.resolve("bundle"), cell, units);
            new DeviceBench(work.resolve("bundle"), terminal)
                    .run(new DeviceBench.Plan(there, rows, steps, Duration.ofMillis(millis)))
                    .print(terminal.out(), options.json());
        } finally {
            Utils.delete(work.toFile());
        }
        return 0;
    }

    private List<Device> wished() {
        List<Device> wished;
        try {
            wished = devices.stream().map(Device::parse).distinct().toList();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), "--device: " + e.getMessage(), e);
        }
        if (wished.stream().filter(d -> d.kind() != Device.Kind.CPU).count() > 1) {
            throw new ParameterException(
                    command.commandLine(), "--device takes one GPU: TensorFlow maps one in a process");
        }
        try {
            return wished.stream().map(Devices::resolve).distinct().toList();
        } catch (IllegalArgumentException e) {
            throw new UserException("--device: " + e.getMessage(), e);
        }
    }

    private static List<Device> present() {
        Device best = Devices.resolve(Device.AUTO);
        return best.equals(Device.CPU) ? List.of(best) : List.of(Device.CPU, best);
    }
}
