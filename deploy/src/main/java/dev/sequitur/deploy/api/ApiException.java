package dev.sequitur.deploy.api;

import org.eclipse.jetty.http.HttpStatus;

/** An answer that says no, in words for the one who asked. */
final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String expected;
    private final String got;
    private final String remedy;

    /**
     * @param status of HTTP
     * @param expected null where there is nothing to say; so are got and remedy
     */
    ApiException(int status, String what, String expected, String got, String remedy) {
        super(what);
        this.status = status;
        this.expected = expected;
        this.got = got;
        this.remedy = remedy;
    }

    static ApiException wrong(String what, String expected, String got) {
        return new ApiException(HttpStatus.BAD_REQUEST_400, what, expected, got, null);
    }

    static ApiException notFound(String what, String remedy) {
        return new ApiException(HttpStatus.NOT_FOUND_404, what, null, null, remedy);
    }

    static ApiException unavailable(String what, String remedy) {
        return new ApiException(HttpStatus.SERVICE_UNAVAILABLE_503, what, null, null, remedy);
    }

    int status() {
        return status;
    }

    String expected() {
        return expected;
    }

    String got() {
        return got;
    }

    String remedy() {
        return remedy;
    }
}
