package dev.sequitur.deploy.broker;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.Server;
import kafka.server.SharedServer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.bootstrap.BootstrapMetadata;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.server.fault.FaultHandler;
import org.apache.kafka.server.fault.FaultHandlerException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * Broker and controller of one node. Kafka's own {@code KafkaRaftServer} joins them in the same way, but opens its
 * sockets itself and ends the process when it meets a fatal fault: here the fault goes to the log and the program that
 * embeds the broker lives on.
 *
 * <p>Threading: belongs to one thread at a time.
 */
final class BrokerNode {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerNode.class);

    private final BrokerServer broker;
    private final ControllerServer controller;

    /** @param controllerPort where {@code sockets} has bound the controller */
    BrokerNode(KafkaConfig config, int controllerPort, LoopbackSockets sockets) {
        Tuple2<MetaPropertiesEnsemble, BootstrapMetadata> directories =
                KafkaRaftServer.initializeLogDirs(config, LOG, "");
        MetaPropertiesEnsemble properties = directories._1();
        String clusterId = properties.clusterId().orElseThrow();
        SharedServer shared = new SharedServer(
                config,
                properties,
                Time.SYSTEM,
                Server.initializeMetrics(config, Time.SYSTEM, clusterId),
                CompletableFuture.completedFuture(
                        Map.of(config.nodeId(), new InetSocketAddress(LoopbackSockets.HOST, controllerPort))),
                List.of(),
                BrokerNode::faultHandler,
                sockets);
        broker = new BrokerServer(shared);
        controller = new ControllerServer(shared, KafkaRaftServer.configSchema(), directories._2());
    }

    /** Returns when clients can connect. */
    void start() {
        controller.startup();
        broker.startup();
    }

    /** Returns when all has ended. */
    void stop() {
        // The broker says goodbye to the controller, so it goes first.
        broker.shutdown();
        controller.shutdown();
        broker.awaitShutdown();
        controller.awaitShutdown();
    }

    private static FaultHandler faultHandler(String name, boolean fatal, Runnable action) {
        return (message, cause) -> {
            LOG.error("{} fault of the embedded broker's {}: {}", fatal ? "fatal" : "tolerable", name, message, cause);
            action.run();
            return new FaultHandlerException(name + ": " + message, cause);
        };
    }
}
