package dev.sequitur.deploy.broker;

/** Another program listens on the port that the embedded broker should. */
public final class PortInUseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PortInUseException(int port, Throwable cause) {
        super(
                "port " + port + " of " + LoopbackSockets.HOST
                        + " is in use by another program; stop it or choose another port for the embedded broker",
                cause);
    }
}
