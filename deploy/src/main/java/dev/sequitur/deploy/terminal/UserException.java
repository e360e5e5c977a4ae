package dev.sequitur.deploy.terminal;

/**
 * The work can't be done for a reason outside the program: input, configuration, environment. The message alone is
 * shown, so it says what, expected, got and what to do. The command ends with exit code 1.
 */
public final class UserException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UserException(String message) {
        super(message);
    }

    /** @param cause shown with {@code --verbose} only */
    public UserException(String message, Throwable cause) {
        super(message, cause);
    }
}
