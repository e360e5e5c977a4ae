package dev.sequitur.deploy.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where an application is asked, and by whom.
 *
 * @param advertised where other instances reach it; empty for where it listens
 * @param token that who asks has to know
 * @param insecure whether anyone may ask who reaches it
 * @param staleReads whether copies of states answer where the instance that has the states doesn't
 */
public record HttpSettings(
        ListenAddress listen,
        Optional<ListenAddress> advertised,
        Optional<String> token,
        boolean insecure,
        Optional<Tls> tls,
        boolean staleReads) {

    /** @param keystore PKCS12 or JKS, with the server's key and its chain; other instances trust what is in it */
    public record Tls(Path keystore, String password) {
        /** Without the password. */
        @Override
        public String toString() {
            return "Tls[" + keystore + "]";
        }
    }

    /** For this machine alone, without a login. */
    public static HttpSettings local(ListenAddress listen) {
        return new HttpSettings(listen, Optional.empty(), Optional.empty(), false, Optional.empty(), false);
    }

    /** Whether only this machine reaches it. */
    public boolean loopback() {
        try {
            return InetAddress.getByName(listen.host()).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** Whether more than health and metrics may be served. */
    public boolean guarded() {
        return loopback() || token.isPresent() || insecure;
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "HttpSettings[" + listen + (token.isPresent() ? ", with a token" : "") + "]";
    }
}
