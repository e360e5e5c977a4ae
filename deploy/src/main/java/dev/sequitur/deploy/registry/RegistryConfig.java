package dev.sequitur.deploy.registry;

import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.spec.Durations;
import dev.sequitur.topology.registry.SubjectNaming;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.types.Password;

/**
 * Where a schema registry is, how to get in, and how long to wait for it: the {@code sequitur.registry.*} keys.
 *
 * <p>Threading: immutable.
 */
public final class RegistryConfig {
    private static final String PREFIX = "sequitur.registry.";
    public static final String URL = PREFIX + "url";
    public static final String AUTO_REGISTER = PREFIX + "auto.register";
    public static final String NORMALIZE = PREFIX + "normalize";
    static final String SUBJECT_NAMING = PREFIX + "subject.naming";
    static final String CONNECT_TIMEOUT = PREFIX + "connect.timeout";
    static final String REQUEST_TIMEOUT = PREFIX + "request.timeout";
    public static final String PATIENCE = PREFIX + "patience";
    static final String BASIC = PREFIX + "basic.auth.user.info";
    static final String BEARER = PREFIX + "bearer.auth.token";
    static final String BEARER_FILE = PREFIX + "bearer.auth.token.file";
    static final String TRUST_STORE = PREFIX + "ssl.truststore.location";
    static final String TRUST_STORE_PASSWORD = PREFIX + "ssl.truststore.password";
    static final String TRUST_STORE_TYPE = PREFIX + "ssl.truststore.type";
    static final String KEY_STORE = PREFIX + "ssl.keystore.location";
    static final String KEY_STORE_PASSWORD = PREFIX + "ssl.keystore.password";
    static final String KEY_STORE_TYPE = PREFIX + "ssl.keystore.type";
    static final String KEY_PASSWORD = PREFIX + "ssl.key.password";

    private final Map<String, Object> values;

    /** @param values of the keys that {@link #define} defines, parsed, among others */
    public RegistryConfig(Map<String, Object> values) {
        this.values = values;
    }

    /** Adds the keys. */
    public static ConfigDef define(ConfigDef keys) {
        ConfigDef.Validator stores = ConfigDef.CaseInsensitiveValidString.in("JKS", "PKCS12", "PEM");
        return keys.define(
                        URL,
                        Type.LIST,
                        List.of(),
                        Importance.HIGH,
                        "Base URLs of a schema registry that speaks Confluent's API, several of one registry separated"
                                + " by commas.")
                .define(
                        AUTO_REGISTER,
                        Type.BOOLEAN,
                        true,
                        Importance.MEDIUM,
                        "Whether the schemas of results are registered at the start. If not, they have to be there.")
                .define(
                        NORMALIZE,
                        Type.BOOLEAN,
                        false,
                        Importance.LOW,
                        "Whether the registry is asked to normalize schemas before it compares them.")
                .define(
                        SUBJECT_NAMING,
                        Type.STRING,
                        "topic",
                        ConfigDef.CaseInsensitiveValidString.in("topic", "record", "topic-record"),
                        Importance.MEDIUM,
                        "The subject of a result's schema: topic is the topic and -value, record the record's full"
                                + " name, topic-record the topic, - and the full name.")
                .define(CONNECT_TIMEOUT, Type.STRING, "2s", Importance.LOW, "How long a connection may take.")
                .define(REQUEST_TIMEOUT, Type.STRING, "4s", Importance.LOW, "How long an answer may take.")
                .define(
                        PATIENCE,
                        Type.STRING,
                        "8s",
                        Importance.MEDIUM,
                        "How long a registry that doesn't answer is asked again, before the start or the stream thread"
                                + " gives up. Below max.poll.interval.ms and transaction.timeout.ms.")
                .define(
                        BASIC,
                        Type.PASSWORD,
                        null,
                        Importance.MEDIUM,
                        "user:password for basic authentication. Never printed.")
                .define(
                        BEARER,
                        Type.PASSWORD,
                        null,
                        Importance.MEDIUM,
                        "Token for bearer authentication. Never printed.")
                .define(
                        BEARER_FILE,
                        Type.STRING,
                        null,
                        Importance.MEDIUM,
                        "File with the token, read for every request, so that it may be renewed.")
                .define(
                        TRUST_STORE,
                        Type.STRING,
                        null,
                        Importance.MEDIUM,
                        "File of the authorities that may vouch for the registry. Without it Java's own are trusted.")
                .define(
                        TRUST_STORE_PASSWORD,
                        Type.PASSWORD,
                        null,
                        Importance.MEDIUM,
                        "Password of that file. Never printed.")
                .define(
                        TRUST_STORE_TYPE,
                        Type.STRING,
                        "JKS",
                        stores,
                        Importance.MEDIUM,
                        "Type of that file: JKS, PKCS12 or PEM.")
                .define(
                        KEY_STORE,
                        Type.STRING,
                        null,
                        Importance.MEDIUM,
                        "File of the key and certificates that the registry asks for, if it does.")
                .define(
                        KEY_STORE_PASSWORD,
                        Type.PASSWORD,
                        null,
                        Importance.MEDIUM,
                        "Password of that file. Never printed.")
                .define(
                        KEY_STORE_TYPE,
                        Type.STRING,
                        "JKS",
                        stores,
                        Importance.MEDIUM,
                        "Type of that file: JKS, PKCS12 or PEM.")
                .define(
                        KEY_PASSWORD,
                        Type.PASSWORD,
                        null,
                        Importance.MEDIUM,
                        "Password of the key itself, where it has one of its own. Never printed.");
    }

    /** Whether a registry is named. */
    public boolean given() {
        return !((List<?>) values.get(URL)).isEmpty();
    }

    /** @throws UserException when one is none, or there is none */
    List<URI> urls() {
        if (!given()) {
            throw new UserException(URL + " is not set; expected the URL of a schema registry, such as"
                    + " http://registry:8081. Set it, or choose a format that needs none");
        }
        return ((List<?>) values.get(URL))
                .stream().map(url -> url(url.toString().strip())).toList();
    }

    private static URI url(String text) {
        try {
            URI url = new URI(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
            boolean http = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
            if (http && url.getHost() != null && url.getUserInfo() == null) {
                return url;
            }
        } catch (java.net.URISyntaxException e) {
            // Said below: the text may hold a password, and so may the exception's message.
        }
        throw new UserException(
                URL + ": expected http://host:port or https://host:port, and a path where the registry has one, got"
                        + " something else; a user and password stand in " + BASIC);
    }

    boolean autoRegister() {
        return (Boolean) values.get(AUTO_REGISTER);
    }

    boolean normalize() {
        return (Boolean) values.get(NORMALIZE);
    }

    public SubjectNaming naming() {
        return SubjectNaming.valueOf(
                ((String) values.get(SUBJECT_NAMING)).toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    Duration connectTimeout() {
        return duration(CONNECT_TIMEOUT);
    }

    Duration requestTimeout() {
        return duration(REQUEST_TIMEOUT);
    }

    /** How long a request is tried again. */
    public Duration patience() {
        return duration(PATIENCE);
    }

    private Duration duration(String key) {
        try {
            Duration duration = Durations.parse((String) values.get(key));
            if (duration.isZero() || duration.isNegative()) {
                throw new IllegalArgumentException("must be longer than nothing, got " + values.get(key));
            }
            return duration;
        } catch (IllegalArgumentException e) {
            throw new UserException(key + ": " + e.getMessage(), e);
        }
    }

    /** @throws UserException when several are given */
    Credentials credentials() {
        Optional<String> basic = secret(BASIC);
        Optional<String> bearer = secret(BEARER);
        Optional<Path> file = file(BEARER_FILE);
        if ((basic.isPresent() ? 1 : 0) + (bearer.isPresent() ? 1 : 0) + (file.isPresent() ? 1 : 0) > 1) {
            throw new UserException(
                    "Only one of " + BASIC + ", " + BEARER + " and " + BEARER_FILE + " may be set; remove the others");
        }
        if (basic.isPresent() && basic.get().indexOf(':') < 1) {
            throw new UserException(BASIC + " must be user:password, got something without a colon after a user");
        }
        return basic.map(Credentials::basic)
                .or(() -> bearer.map(Credentials::bearer))
                .or(() -> file.map(Credentials::bearerFrom))
                .orElse(Credentials.NONE);
    }

    Optional<KeyFile> trustStore() {
        return file(TRUST_STORE)
                .map(file -> new KeyFile(TRUST_STORE, file, type(TRUST_STORE_TYPE), secret(TRUST_STORE_PASSWORD)));
    }

    Optional<KeyFile> keyStore() {
        return file(KEY_STORE)
                .map(file -> new KeyFile(KEY_STORE, file, type(KEY_STORE_TYPE), secret(KEY_STORE_PASSWORD)));
    }

    Optional<String> keyPassword() {
        return secret(KEY_PASSWORD);
    }

    private String type(String key) {
        return ((String) values.get(key)).toUpperCase(Locale.ROOT);
    }

    private Optional<Path> file(String key) {
        return Optional.ofNullable((String) values.get(key))
                .filter(name -> !name.isBlank())
                .map(Path::of);
    }

    private Optional<String> secret(String key) {
        return Optional.ofNullable((Password) values.get(key))
                .map(Password::value)
                .filter(text -> !text.isEmpty());
    }
}
