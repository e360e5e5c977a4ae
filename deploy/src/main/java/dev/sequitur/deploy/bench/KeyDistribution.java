package dev.sequitur.deploy.bench;

import java.util.Random;
import java.util.function.IntSupplier;

/** How events are spread over entities. */
public enum KeyDistribution {
    /** Each entity is as likely as any other. */
    UNIFORM {
        @Override
        IntSupplier draw(int entities, Random random) {
            return () -> random.nextInt(entities);
        }
    },
    /** The k-th busiest entity has a share in proportion to k^-1.1; busy and quiet ones lie scattered. */
    ZIPF {
        @Override
        IntSupplier draw(int entities, Random random) {
            double[] upTo = new double[entities];
            double sum = 0;
            for (int k = 0; k < entities; k++) {
                sum += Math.pow(k + 1, -EXPONENT);
                upTo[k] = sum;
            }
            double all = sum;
            return () -> {
                int found = java.util.Arrays.binarySearch(upTo, random.nextDouble() * all);
                int rank = Math.min(found < 0 ? -found - 1 : found, entities - 1);
                return (int) (rank * SCATTER % entities);
            };
        }
    },
    /** All events are of one entity. */
    SINGLE {
        @Override
        IntSupplier draw(int entities, Random random) {
            return () -> 0;
        }
    };

    private static final double EXPONENT = 1.1;
    /** A prime, so that ranks are mapped one to one wherever it doesn't divide the number of entities. */
    static final long SCATTER = 2_654_435_761L;

    /** Draws an entity, 0 to {@code entities} − 1, on each call. */
    abstract IntSupplier draw(int entities, Random random);
}
