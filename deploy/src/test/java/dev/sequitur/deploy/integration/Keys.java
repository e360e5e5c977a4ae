package dev.sequitur.deploy.integration;

import java.util.Arrays;
import java.util.Random;
import java.util.function.IntSupplier;

/** Whose event comes next. */
enum Keys {
    UNIFORM {
        @Override
        double weight(int rank, int entities) {
            return 1;
        }
    },
    /** The k-th busiest entity has a share in proportion to 1/k. */
    ZIPF {
        @Override
        double weight(int rank, int entities) {
            return 1.0 / (rank + 1);
        }
    },
    /** One entity has half of all events. */
    HOT {
        @Override
        double weight(int rank, int entities) {
            return rank == 0 ? entities - 1 : 1;
        }
    };

    abstract double weight(int rank, int entities);

    /** Draws an entity, 0 to {@code entities} − 1, on each call. */
    IntSupplier draw(int entities, Random random) {
        double[] upTo = new double[entities];
        double sum = 0;
        for (int k = 0; k < entities; k++) {
            sum += weight(k, entities);
            upTo[k] = sum;
        }
        double all = sum;
        return () -> {
            int found = Arrays.binarySearch(upTo, random.nextDouble() * all);
            return Math.min(found < 0 ? -found - 1 : found, entities - 1);
        };
    }
}
