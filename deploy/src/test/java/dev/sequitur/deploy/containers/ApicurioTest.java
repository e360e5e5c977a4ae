package dev.sequitur.deploy.containers;

import dev.sequitur.deploy.registry.RegistryContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** What the client relies on, on a real registry. */
@RequiresContainers(Image.REGISTRY)
class ApicurioTest extends RegistryContract {
    private static RegistryContainer registry;

    @BeforeAll
    static void start() {
        registry = new RegistryContainer();
        registry.start();
    }

    @AfterAll
    static void stop() {
        registry.stop();
    }

    @Override
    protected String url() {
        return registry.url();
    }
}
