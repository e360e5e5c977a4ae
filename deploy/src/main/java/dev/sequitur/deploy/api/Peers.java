package dev.sequitur.deploy.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.deploy.http.HttpSettings;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.topology.state.EntityStates;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.apache.kafka.streams.LagInfo;
import org.apache.kafka.streams.StreamsMetadata;
import org.apache.kafka.streams.state.HostInfo;
import org.eclipse.jetty.http.HttpStatus;

/**
 * The other instances of the application, as Kafka Streams knows them. A question that is passed on says so, and is
 * answered there from what is there: none goes round.
 *
 * <p>Threading: safe for use by many threads.
 */
final class Peers {
    /** On whose behalf it is asked: {@value #ACTIVE} or {@value #STANDBY}. */
    static final String FORWARDED = "Sequitur-Forwarded";

    static final String ACTIVE = "active";
    /** Copies may answer. */
    static final String STANDBY = "standby";

    private static final Duration CONNECT = Duration.ofSeconds(1);
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final JsonMapper JSON = new JsonMapper();
    private static final StringSerializer KEYS = new StringSerializer();

    private final HttpSettings settings;
    private final HostInfo own;
    private final HttpClient client;

    /** What another instance said. */
    record Reply(int status, ObjectNode json) {}

    /**
     * What all the others said.
     *
     * @param silent those that didn't answer
     */
    record Replies(List<ObjectNode> answers, List<String> silent) {}

    /** @param own as the others know this one */
    Peers(HttpSettings settings, HostInfo own) {
        this.settings = settings;
        this.own = own;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT);
        settings.tls().ifPresent(tls -> builder.sslContext(trusting(tls)));
        this.client = builder.build();
    }

    private static SSLContext trusting(HttpSettings.Tls tls) {
        try (InputStream in = Files.newInputStream(tls.keystore())) {
            KeyStore keys = KeyStore.getInstance(KeyStore.getDefaultType());
            keys.load(in, tls.password().toCharArray());
            // A store trusts its certificate entries; the chain of its key is meant too.
            for (String alias : Collections.list(keys.aliases())) {
                Certificate[] chain = keys.getCertificateChain(alias);
                for (int i = 0; chain != null && i < chain.length; i++) {
                    keys.setCertificateEntry(alias + "-chain-" + i, chain[i]);
                }
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(keys);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new UserException(
                    "sequitur.http.tls.keystore: " + tls.keystore() + " can't be read: " + e.getMessage()
                            + ". Expected a PKCS12 or JKS keystore that sequitur.http.tls.password opens",
                    e);
        }
    }

    HostInfo own() {
        return own;
    }

    /** The others that Kafka Streams knows of, with what they process. */
    List<StreamsMetadata> others(KafkaStreams streams) {
        if (!streams.state().isRunningOrRebalancing()) {
            return List.of();
        }
        return streams.metadataForAllStreamsClients().stream()
                .filter(it -> known(it.hostInfo()) && !it.hostInfo().equals(own))
                .toList();
    }

    private static boolean known(HostInfo host) {
        return !host.equals(HostInfo.unavailable()) && !host.host().equals("unknown") && host.port() > 0;
    }

    /**
     * Asks the instance that should have the entity, then the others: whoever wrote the topic chose the partition, and
     * entities move.
     *
     * @param call GET or POST of an entity
     * @return empty where all others said that they don't have it
     * @throws ApiException when one that may have it doesn't answer
     */
    Optional<Reply> elsewhere(KafkaStreams streams, Call call, String key) {
        Map<HostInfo, Boolean> hosts = new LinkedHashMap<>();
        KeyQueryMetadata place = place(streams, key);
        List<HostInfo> others =
                others(streams).stream().map(StreamsMetadata::hostInfo).toList();
        if (place != null && others.contains(place.activeHost())) {
            hosts.put(place.activeHost(), true);
        }
        others.forEach(host -> hosts.putIfAbsent(host, true));
        List<HostInfo> silent = new ArrayList<>();
        for (HostInfo host : hosts.keySet()) {
            try {
                Reply reply = send(host, call, ACTIVE).join();
                if (reply.status() == HttpStatus.SERVICE_UNAVAILABLE_503) {
                    silent.add(host);
                } else if (reply.status() != HttpStatus.NOT_FOUND_404) {
                    return Optional.of(reply);
                }
            } catch (CompletionException e) {
                silent.add(host);
            }
        }
        if (silent.isEmpty()) {
            return Optional.empty();
        }
        return settings.staleReads() && place != null ? copies(call, place, silent) : notAnswered(silent);
    }

    private Optional<Reply> copies(Call call, KeyQueryMetadata place, List<HostInfo> silent) {
        for (HostInfo host : place.standbyHosts()) {
            if (!host.equals(own) && !silent.contains(host)) {
                try {
                    Reply reply = send(host, call, STANDBY).join();
                    if (reply.status() == HttpStatus.OK_200) {
                        return Optional.of(reply);
                    }
                } catch (CompletionException e) {
                    silent.add(host);
                }
            }
        }
        return notAnswered(silent);
    }

    private static Optional<Reply> notAnswered(List<HostInfo> silent) {
        throw ApiException.unavailable(
                "Nobody who answers knows the entity, and "
                        + String.join(", ", silent.stream().map(Peers::name).toList()) + " doesn't answer",
                "Ask again; look whether the instances reach each other at what sequitur.http.advertised says.");
    }

    private static KeyQueryMetadata place(KafkaStreams streams, String key) {
        if (!streams.state().isRunningOrRebalancing()) {
            return null;
        }
        KeyQueryMetadata place = streams.queryMetadataForKey(EntityStates.STORE, key, KEYS);
        return place == null || place.equals(KeyQueryMetadata.NOT_AVAILABLE) ? null : place;
    }

    /** The partition that the entity has where Kafka chose it; empty where this instance doesn't process that one. */
    OptionalInt partitionHere(KafkaStreams streams, String key) {
        KeyQueryMetadata place = place(streams, key);
        return place == null || !place.activeHost().equals(own)
                ? OptionalInt.empty()
                : OptionalInt.of(place.partition());
    }

    /** How many offsets the copy here is behind, that would have the entity; empty where there is no copy. */
    OptionalLong behind(KafkaStreams streams, String key) {
        KeyQueryMetadata place = place(streams, key);
        if (place == null) {
            return OptionalLong.empty();
        }
        LagInfo lag = streams.allLocalStorePartitionLags()
                .getOrDefault(EntityStates.STORE, Map.of())
                .get(place.partition());
        return lag == null ? OptionalLong.empty() : OptionalLong.of(Math.max(0, lag.offsetLag()));
    }

    /** Asks all others the same at once. */
    Replies all(KafkaStreams streams, Call call) {
        Map<HostInfo, CompletableFuture<Reply>> asked = new LinkedHashMap<>();
        others(streams).forEach(other -> asked.put(other.hostInfo(), send(other.hostInfo(), call, ACTIVE)));
        List<ObjectNode> answers = new ArrayList<>();
        List<String> silent = new ArrayList<>();
        asked.forEach((host, answer) -> {
            try {
                Reply reply = answer.join();
                if (reply.status() == HttpStatus.OK_200) {
                    answers.add(reply.json());
                } else {
                    silent.add(name(host));
                }
            } catch (CompletionException e) {
                silent.add(name(host));
            }
        });
        return new Replies(answers, silent);
    }

    static String name(HostInfo host) {
        return (host.host().contains(":") ? "[" + host.host() + "]" : host.host()) + ":" + host.port();
    }

    private CompletableFuture<Reply> send(HostInfo host, Call call, String behalf) {
        String scheme = settings.tls().isPresent() ? "https" : "http";
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(scheme + "://" + name(host) + call.rawPath()))
                .timeout(ANSWER)
                .header(FORWARDED, behalf);
        settings.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
        if (call.method().equals("POST")) {
            request.header("Content-Type", "application/json").POST(BodyPublishers.ofByteArray(call.body()));
        }
        return client.sendAsync(request.build(), BodyHandlers.ofByteArray()).thenApply(Peers::read);
    }

    private static Reply read(HttpResponse<byte[]> response) {
        try {
            JsonNode json = JSON.readTree(response.body());
            if (json instanceof ObjectNode object) {
                return new Reply(response.statusCode(), object);
            }
        } catch (IOException e) {
            throw new CompletionException(e);
        }
        throw new IllegalStateException(response.uri() + " answered no JSON object");
    }
}
