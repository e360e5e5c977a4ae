package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.terminal.ClosedOutputException;
import dev.sequitur.deploy.terminal.Style;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.bundle.BundleException;
import dev.sequitur.model.data.TooManyMalformedRowsException;
import dev.sequitur.model.spec.SpecException;
import dev.sequitur.model.train.TrainingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says on standard error why a command failed, and picks the exit code. */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
    private final Terminal terminal;
    private final GlobalOptions options;

    Failures(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
        return report(failure);
    }

    @Override
    public int handleParseException(ParameterException failure, String[] args) {
        CommandLine command = failure.getCommandLine();
        error(failure.getMessage());
        if (!UnmatchedArgumentException.printSuggestions(failure, terminal.err().writer())) {
            terminal.err().writer().flush();
        }
        terminal.err().line("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return ExitCode.USAGE;
    }

    int report(Throwable failure) {
        if (failure instanceof ClosedOutputException) {
            return ExitCode.SOFTWARE;
        }
        Optional<String> expected = explain(failure);
        error(expected.orElseGet(() -> "unexpected " + failure));
        if (options.verbose()) {
            failure.printStackTrace(terminal.err().writer());
            terminal.err().writer().flush();
        } else if (expected.isEmpty()) {
            terminal.err().line("This is a defect of Sequitur. Run again with --verbose to see where it arose.");
        }
        return ExitCode.SOFTWARE;
    }

    /** The words for a failure that is the input's, the configuration's or the environment's; empty for a defect. */
    private static Optional<String> explain(Throwable failure) {
        if (failure instanceof UserException
                || failure instanceof SpecException
                || failure instanceof BundleException
                || failure instanceof TrainingException
                || failure instanceof TooManyMalformedRowsException
                || failure instanceof ConfigException) {
            return Optional.of(failure.getMessage());
        }
        if (failure instanceof NoSuchFileException) {
            return Optional.of(failure.getMessage() + ": no such file or directory");
        }
        if (failure instanceof AccessDeniedException) {
            return Optional.of(failure.getMessage() + ": permission denied");
        }
        if (failure instanceof FileSystemException) {
            return Optional.of(failure.getMessage());
        }
        if (failure instanceof UncheckedIOException) {
            return explain(failure.getCause());
        }
        return failure instanceof IOException || failure instanceof KafkaException
                ? Optional.of(withRoot(failure))
                : Optional.empty();
    }

    /** Kafka often says what it couldn't do, and only in the innermost cause why. */
    private static String withRoot(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root == failure ? failure.toString() : failure + ": " + root;
    }

    private void error(String message) {
        terminal.err().line(terminal.err().paint(Style.RED, "sequitur: ") + message);
    }
}
