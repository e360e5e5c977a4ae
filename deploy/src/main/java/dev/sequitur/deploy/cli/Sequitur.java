package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The {@code sequitur} command. Exit codes: 0 done, 1 the work failed, 2 wrong usage, 130 Ctrl-C. */
@Command(
        name = "sequitur",
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = "A recurrent network per key of a Kafka topic: what follows, and what does not.",
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:the work failed: bad input, configuration or environment, or a defect",
            "2:wrong usage",
            "130, 143:ended by Ctrl-C or SIGTERM, cleanly"
        },
        footerHeading = "%nEnvironment:%n",
        footer = {
            "  JAVA_OPTS           options of the Java machine (-Xmx4g)",
            "  NO_COLOR            no colour, if not empty",
            "  SEQUITUR_LOG        log level (DEBUG), or levels by logger",
            "                      (dev.sequitur=DEBUG,org.apache.kafka=INFO)",
            "  SEQUITUR_NO_BUILD   1: run what is built, even if sources are newer"
        })
public final class Sequitur implements Runnable {
    /** Every subcommand: a new one is a class and an entry here. */
    static final List<Subcommand> SUBCOMMANDS = List.of(
            DemoCommand::new,
            SimulateCommand::new,
            TrainCommand::new,
            SearchCommand::new,
            EvaluateCommand::new,
            RolloutCommand::new,
            ReplayCommand::new,
            RunCommand::new,
            ResetCommand::new,
            CleanCommand::new,
            EntityCommand::new,
            AlarmsCommand::new,
            ExplainCommand::new,
            ExportCommand::new,
            ConfigurationCommand::new,
            InspectCommand::new,
            BenchCommand::new);

    /** The constructor of a subcommand: a class with {@code @Command} whose result is the exit code. */
    @FunctionalInterface
    interface Subcommand {
        Callable<Integer> create(Terminal terminal, GlobalOptions options);
    }

    @Mixin
    private final GlobalOptions options;

    @Spec
    private CommandSpec spec;

    private Sequitur(GlobalOptions options) {
        this.options = options;
    }

    public static void main(String[] args) {
        Map<String, String> environment = System.getenv();
        System.setErr(new PrintStream(Terminal.standardError(environment), true));
        System.exit(run(Terminal.system(environment), environment, SUBCOMMANDS, args));
    }

    static int run(Terminal terminal, Map<String, String> environment, List<Subcommand> subcommands, String... args) {
        Sequitur sequitur = new Sequitur(new GlobalOptions(environment));
        Failures failures = new Failures(terminal, sequitur.options);
        CommandLine command = new CommandLine(sequitur);
        subcommands.forEach(subcommand -> command.addSubcommand(subcommand.create(terminal, sequitur.options)));
        command.setOut(terminal.out().writer())
                .setErr(terminal.err().writer())
                .setColorScheme(
                        CommandLine.Help.defaultColorScheme(terminal.out().colour() ? Ansi.ON : Ansi.OFF))
                .setUsageHelpWidth(Math.min(terminal.width(), 120))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(failures)
                .setExecutionExceptionHandler(failures)
                .setExecutionStrategy(parsed -> {
                    try {
                        LogLevels.apply(sequitur.options.verbose(), environment);
                    } catch (UserException e) {
                        return failures.report(e);
                    }
                    return new RunLast().execute(parsed);
                });
        try {
            return command.execute(args);
        } catch (Error e) {
            // picocli hands over exceptions only; an error of the machine deserves a clear last line too.
            return failures.report(e);
        }
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command");
    }
}
