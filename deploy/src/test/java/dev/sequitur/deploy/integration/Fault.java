package dev.sequitur.deploy.integration;

/** What a crash test does to the processes. */
enum Fault {
    /** SIGKILL of an application; it is back before the others miss it. */
    KILL,
    /** SIGKILL of an application whose states another one keeps a copy of; it is back after that one took over. */
    TAKEOVER,
    /** SIGTERM of an application, and a new start. */
    TERMINATE,
    /** SIGSTOP of an application until the others have its work; then it wakes up in the middle of its own. */
    PAUSE,
    /** One application more; when it has got work, another one ends. */
    REBALANCE,
    /** SIGKILL of the broker, and a new start over the same log. */
    BROKER
}
