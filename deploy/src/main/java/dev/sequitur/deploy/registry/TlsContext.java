package dev.sequitur.deploy.registry;

import dev.sequitur.deploy.terminal.UserException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** Trust and key stores, in files as Kafka's clients take them, for Java's TLS. */
final class TlsContext {
    /** PKCS 8, in the clear or encrypted (RFC 7468). */
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN (ENCRYPTED )?PRIVATE KEY-----([^-]+)-----END (ENCRYPTED )?PRIVATE KEY-----");

    private static final Pattern CERTIFICATE =
            Pattern.compile("-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----");
    private static final List<String> KEY_KINDS = List.of("RSA", "EC", "Ed25519");
    private static final String ALIAS = "registry";

    private TlsContext() {}

    /**
     * @param trust Java's own authorities where there is none
     * @param keys none where the registry asks for none
     * @param keyPassword the key store's where it is empty
     * @throws UserException when a file can't be used; says which
     */
    static SSLContext of(Optional<KeyFile> trust, Optional<KeyFile> keys, Optional<String> keyPassword) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    keys.isPresent() ? keyManagers(keys.get(), keyPassword) : null,
                    trust.isPresent() ? trustManagers(trust.get()) : null,
                    null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new UserException("TLS to the schema registry can't be set up: " + e.getMessage(), e);
        }
    }

    private static TrustManager[] trustManagers(KeyFile file) {
        try {
            KeyStore store;
            if (file.type().equals("PEM")) {
                store = empty();
                int count = 0;
                for (Certificate authority : certificates(Files.readString(file.path()))) {
                    store.setCertificateEntry(ALIAS + count++, authority);
                }
            } else {
                store = load(file);
            }
            if (store.size() == 0) {
                throw new UserException(file + " holds no certificate");
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(store);
            return managers.getTrustManagers();
        } catch (IOException | GeneralSecurityException e) {
            throw unreadable(file, e);
        }
    }

    private static KeyManager[] keyManagers(KeyFile file, Optional<String> keyPassword) {
        try {
            char[] secret = keyPassword.map(String::toCharArray).orElse(file.secret());
            KeyStore store;
            if (file.type().equals("PEM")) {
                String pem = Files.readString(file.path());
                store = empty();
                // The store is in memory alone; what it is protected by there is of no use to anyone.
                secret = secret == null ? new char[0] : secret;
                Certificate[] chain = certificates(pem).toArray(new Certificate[0]);
                store.setKeyEntry(ALIAS, privateKey(pem, secret, file), secret, chain);
            } else {
                store = load(file);
            }
            KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(store, secret);
            return managers.getKeyManagers();
        } catch (IOException | GeneralSecurityException e) {
            throw unreadable(file, e);
        }
    }

    private static UserException unreadable(KeyFile file, Exception e) {
        return new UserException(
                file + " can't be read: " + (e.getMessage() == null ? e : e.getMessage())
                        + ". Check the file, its type and its password",
                e);
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static KeyStore load(KeyFile file) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(file.type());
        try (InputStream in = Files.newInputStream(file.path())) {
            store.load(in, file.secret());
        }
        return store;
    }

    private static Collection<? extends Certificate> certificates(String pem) throws GeneralSecurityException {
        StringBuilder found = new StringBuilder();
        // Java's factory stumbles over a key between certificates.
        for (Matcher matcher = CERTIFICATE.matcher(pem); matcher.find(); ) {
            found.append(matcher.group()).append('\n');
        }
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(found.toString().getBytes(StandardCharsets.US_ASCII)));
    }

    private static PrivateKey privateKey(String pem, char[] secret, KeyFile file)
            throws IOException, GeneralSecurityException {
        Matcher matcher = KEY.matcher(pem);
        if (!matcher.find()) {
            throw new UserException(file + " holds no private key in PKCS 8 (BEGIN PRIVATE KEY or BEGIN ENCRYPTED"
                    + " PRIVATE KEY); openssl pkcs8 -topk8 makes one of another");
        }
        byte[] bytes = Base64.getMimeDecoder().decode(matcher.group(2));
        PKCS8EncodedKeySpec spec = matcher.group(1) == null ? new PKCS8EncodedKeySpec(bytes) : decrypted(bytes, secret);
        for (String kind : KEY_KINDS) {
            try {
                return KeyFactory.getInstance(kind).generatePrivate(spec);
            } catch (InvalidKeySpecException e) {
                // Of another kind.
            }
        }
        throw new UserException(file + " holds a private key of another kind than " + String.join(", ", KEY_KINDS));
    }

    private static PKCS8EncodedKeySpec decrypted(byte[] bytes, char[] secret)
            throws IOException, GeneralSecurityException {
        EncryptedPrivateKeyInfo key = new EncryptedPrivateKeyInfo(bytes);
        // The parameters name the algorithm where the key's own is PBES2 alone.
        String algorithm = key.getAlgParameters() == null
                ? key.getAlgName()
                : key.getAlgParameters().toString();
        Cipher cipher = Cipher.getInstance(algorithm);
        cipher.init(
                Cipher.DECRYPT_MODE,
                SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(secret)),
                key.getAlgParameters());
        return key.getKeySpec(cipher);
    }
}
