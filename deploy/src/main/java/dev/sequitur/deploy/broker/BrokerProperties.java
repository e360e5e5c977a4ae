package dev.sequitur.deploy.broker;

import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/** The settings of a single node that is broker and controller: replication factors of one, small internal topics. */
final class BrokerProperties {
    static final int NODE = 1;
    static final String CONTROLLER = "CONTROLLER";
    static final String CLIENTS = "PLAINTEXT";

    private BrokerProperties() {}

    static Properties of(Path data, int port, int controllerPort, Map<String, String> overrides) {
        Properties p = new Properties();
        String listener = CLIENTS + "://" + LoopbackSockets.HOST + ":" + port;
        p.put("node.id", Integer.toString(NODE));
        p.put("process.roles", "broker,controller");
        p.put("listeners", listener + "," + CONTROLLER + "://" + LoopbackSockets.HOST + ":" + controllerPort);
        p.put("advertised.listeners", listener);
        p.put("listener.security.protocol.map", CLIENTS + ":PLAINTEXT," + CONTROLLER + ":PLAINTEXT");
        p.put("inter.broker.listener.name", CLIENTS);
        p.put("controller.listener.names", CONTROLLER);
        p.put("controller.quorum.voters", NODE + "@" + LoopbackSockets.HOST + ":" + controllerPort);
        p.put("log.dirs", data.toString());
        for (String internal :
                new String[] {"offsets.topic", "transaction.state.log", "share.coordinator.state.topic"}) {
            p.put(internal + ".replication.factor", "1");
            p.put(internal + ".num.partitions", "4");
        }
        p.put("transaction.state.log.min.isr", "1");
        p.put("share.coordinator.state.topic.min.isr", "1");
        p.put("auto.create.topics.enable", "false");
        // A group of one process needn't wait for others to join.
        p.put("group.initial.rebalance.delay.ms", "0");
        // Lets tests choose session timeouts of seconds.
        p.put("group.min.session.timeout.ms", "1000");
        // Replayed and simulated events are old by their timestamps: retention by age would delete them at once.
        p.put("log.retention.ms", "-1");
        p.putAll(overrides);
        return p;
    }
}
