package dev.sequitur.deploy.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.topology.registry.SchemaRegistryException;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of keys and certificates, made by the JDK's keytool, against a registry that asks for a client's certificate. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TlsTest {
    private static final String PASSWORD = "sesame-open";

    @TempDir
    static Path dir;

    private TestRegistry registry;

    @BeforeAll
    void start() throws Exception {
        List<Process> pairs =
                List.of(pair("server", "RSA"), pair("client", "RSA"), pair("curved", "EC"), pair("stranger", "RSA"));
        for (Process pair : pairs) {
            assertThat(pair.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(pair.exitValue()).isZero();
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        for (String client : List.of("client", "curved")) {
            trusted.setCertificateEntry(client, certificate(client));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store("server"), PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        registry = TestRegistry.startTls(context, true);
    }

    @AfterAll
    void stop() {
        registry.close();
    }

    private static Path file(String name) {
        return dir.resolve(name);
    }

    /** A PKCS 12 store with a key and its own certificate. */
    private static Process pair(String name, String algorithm) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                algorithm,
                "-dname",
                "CN=" + name,
                "-validity",
                "2",
                "-ext",
                "SAN=dns:localhost",
                "-storetype",
                "PKCS12",
                "-keystore",
                file(name + ".p12").toString(),
                "-storepass",
                PASSWORD));
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private KeyStore store(String name) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file(name + ".p12"))) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    private Certificate certificate(String name) throws Exception {
        return store(name).getCertificate(name);
    }

    private static String pem(String label, byte[] bytes) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + label
                + "-----\n";
    }

    /** A store of another type with the same content. */
    private Path jks(String name, boolean key) throws Exception {
        KeyStore copy = KeyStore.getInstance("JKS");
        copy.load(null, null);
        if (key) {
            copy.setKeyEntry(
                    name,
                    store(name).getKey(name, PASSWORD.toCharArray()),
                    PASSWORD.toCharArray(),
                    store(name).getCertificateChain(name));
        } else {
            copy.setCertificateEntry(name, certificate(name));
        }
        Path file = file(name + (key ? "-key.jks" : ".jks"));
        try (var out = Files.newOutputStream(file)) {
            copy.store(out, PASSWORD.toCharArray());
        }
        return file;
    }

    private Path pemKey(String name) throws Exception {
        Key key = store(name).getKey(name, PASSWORD.toCharArray());
        return Files.writeString(
                file(name + ".key.pem"),
                pem("PRIVATE KEY", key.getEncoded())
                        + pem("CERTIFICATE", certificate(name).getEncoded()));
    }

    private Path encryptedPemKey(String name, String password) throws Exception {
        Key key = store(name).getKey(name, PASSWORD.toCharArray());
        String algorithm = "PBEWithHmacSHA256AndAES_256";
        Cipher cipher = Cipher.getInstance(algorithm);
        cipher.init(
                Cipher.ENCRYPT_MODE,
                SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(password.toCharArray())));
        // EncryptedPrivateKeyInfo (RFC 5958), which Java 17 reads and doesn't write for PBES2.
        byte[] bytes = der(
                0x30,
                der(
                        0x30,
                        HexFormat.of().parseHex("06092a864886f70d01050d"),
                        cipher.getParameters().getEncoded()),
                der(0x04, cipher.doFinal(key.getEncoded())));
        return Files.writeString(
                file(name + ".encrypted.pem"),
                pem("CERTIFICATE", certificate(name).getEncoded()) + pem("ENCRYPTED PRIVATE KEY", bytes));
    }

    private static byte[] der(int tag, byte[]... contents) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : contents) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.write(tag);
        if (content.size() < 0x80) {
            whole.write(content.size());
        } else {
            whole.write(0x82);
            whole.write(content.size() >> 8);
            whole.write(content.size());
        }
        whole.writeBytes(content.toByteArray());
        return whole.toByteArray();
    }

    private Path pemTrust(String... names) throws Exception {
        StringBuilder text = new StringBuilder("authorities of the registry\n");
        for (String name : names) {
            text.append(pem("CERTIFICATE", certificate(name).getEncoded()));
        }
        return Files.writeString(file(String.join("-", names) + ".trust.pem"), text.toString());
    }

    private void ask(Map<String, String> tls) {
        Map<String, String> keys = new HashMap<>(Map.of("url", registry.url(), "patience", "5s"));
        tls.forEach((key, value) -> keys.put("ssl." + key, value));
        new RegistryClient(RegistryConfigs.of(keys)).requireReachable();
    }

    private Map<String, String> trusting(Map<String, String> more) throws Exception {
        Map<String, String> keys = new HashMap<>(more);
        keys.put("truststore.location", pemTrust("server").toString());
        keys.put("truststore.type", "PEM");
        return keys;
    }

    @Test
    void shouldTakePemFiles() throws Exception {
        for (String name : List.of("client", "curved")) {
            ask(Map.of(
                    "truststore.location",
                    pemTrust("stranger", "server").toString(),
                    "truststore.type",
                    "pem",
                    "keystore.location",
                    pemKey(name).toString(),
                    "keystore.type",
                    "PEM"));
        }
    }

    @Test
    void shouldTakeAnEncryptedKeyInAPemFile() throws Exception {
        ask(trusting(Map.of(
                "keystore.location", encryptedPemKey("client", "of the key").toString(),
                "keystore.type", "PEM",
                "key.password", "of the key")));
    }

    @Test
    void shouldTakeJksAndPkcs12Files() throws Exception {
        ask(Map.of(
                "truststore.location",
                jks("server", false).toString(),
                "truststore.password",
                PASSWORD,
                "keystore.location",
                jks("client", true).toString(),
                "keystore.password",
                PASSWORD));
        ask(trusting(Map.of(
                "keystore.location",
                file("client.p12").toString(),
                "keystore.type",
                "PKCS12",
                "keystore.password",
                PASSWORD)));
    }

    @Test
    void shouldNotSpeakToARegistryThatItDoesNotTrust() {
        Map<String, String> keys = new HashMap<>(Map.of("url", registry.url(), "patience", "1s"));
        RegistryClient client = new RegistryClient(RegistryConfigs.of(keys));
        assertThatThrownBy(client::requireReachable)
                .isInstanceOf(SchemaRegistryException.class)
                .hasMessageContaining("TLS settings");
        assertThat(registry.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PEM", "JKS", "PKCS12"})
    void shouldSayWhichFileCanNotBeRead(String type) throws Exception {
        Path damaged = Files.writeString(file("damaged." + type), "nothing of the kind");
        Map<String, String> keys = trusting(Map.of("keystore.location", damaged.toString(), "keystore.type", type));
        assertThatThrownBy(() -> ask(keys))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("sequitur.registry.ssl.keystore.location")
                .hasMessageContaining(damaged.toString());
        Map<String, String> absent =
                Map.of("truststore.location", file("absent").toString(), "truststore.type", type);
        assertThatThrownBy(() -> ask(absent))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("sequitur.registry.ssl.truststore.location")
                .hasMessageContaining("absent");
    }

    @Test
    void shouldSayThatAPasswordIsWrongWithoutPrintingIt() throws Exception {
        Map<String, String> keys = trusting(Map.of(
                "keystore.location", encryptedPemKey("client", "right").toString(),
                "keystore.type", "PEM",
                "key.password", "wrong-secret"));
        assertThatThrownBy(() -> ask(keys))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("its password")
                .hasMessageNotContaining("wrong-secret");
    }
}
