package dev.sequitur.deploy.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A key of the brokers, with a certificate that it signed itself. */
record Certificates(byte[] keystore, String password, String certificate) {
    private static final String PASSWORD = "of-the-keystore";

    /**
     * By the JDK's keytool.
     *
     * @param names of the hosts that the certificate is for
     */
    static Certificates of(Path directory, List<String> names) throws IOException, InterruptedException {
        Path store = directory.resolve("keystore.p12");
        String hosts =
                String.join(",", names.stream().map(name -> "dns:" + name).toList());
        keytool(
                store,
                "-genkeypair",
                "-alias",
                "broker",
                "-keyalg",
                "EC",
                "-dname",
                "CN=broker",
                "-ext",
                "san=" + hosts);
        Path certificate = directory.resolve("certificate.pem");
        keytool(store, "-exportcert", "-rfc", "-alias", "broker", "-file", certificate.toString());
        return new Certificates(Files.readAllBytes(store), PASSWORD, Files.readString(certificate));
    }

    private static void keytool(Path store, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-keystore", store.toString(), "-storetype", "PKCS12", "-storepass", PASSWORD));
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes());
        assertThat(keytool.waitFor()).as(said).isZero();
    }
}
