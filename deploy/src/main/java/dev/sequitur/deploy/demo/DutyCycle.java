package dev.sequitur.deploy.demo;

import java.util.random.RandomGenerator;

/**
 * A vehicle's day as a semi-Markov process: how long it stays in a mode is log-normal, where it goes next depends on
 * the hour, the stops left on its tour and the battery.
 *
 * <pre>
 * idle → loading | driving | charging     loading → driving     driving → delivering | idle
 * delivering → driving                    charging → idle
 * </pre>
 *
 * <p>Threading: belongs to one thread.
 */
final class DutyCycle {
    private static final double STAY_SPREAD = 0.35;
    private static final int DAY_STARTS_H = 6;
    private static final int DAY_ENDS_H = 18;
    private static final double LOW_BATTERY = 30;
    private static final double ENOUGH_BY_DAY = 80;
    private static final double ENOUGH_BY_NIGHT = 98;

    private final RandomGenerator random;
    private Mode mode = Mode.IDLE;
    private int stayS;
    private int stops;

    DutyCycle(RandomGenerator random) {
        this.random = random;
        // Staggered, so that the fleet doesn't move in step.
        this.stayS = Mode.IDLE.leastStayS + random.nextInt(Mode.IDLE.medianStayS);
    }

    Mode mode() {
        return mode;
    }

    /** Whether the mode is about to end: a driver looks for a place to stop. */
    boolean ending() {
        return stayS <= 0;
    }

    /** One second on. A vehicle that still rolls stays in its mode. */
    void tick(int hourOfDay, double battery, boolean rolling) {
        stayS--;
        boolean day = hourOfDay >= DAY_STARTS_H && hourOfDay < DAY_ENDS_H;
        boolean over = mode == Mode.CHARGING ? battery >= (day ? ENOUGH_BY_DAY : ENOUGH_BY_NIGHT) : stayS <= 0;
        if (over && !rolling) {
            enter(next(day, battery));
        }
    }

    private Mode next(boolean day, double battery) {
        return switch (mode) {
            case IDLE -> {
                if (battery < (day ? LOW_BATTERY : ENOUGH_BY_NIGHT - 5)) {
                    yield Mode.CHARGING;
                }
                if (!day) {
                    yield Mode.IDLE;
                }
                yield stops > 0 ? Mode.DRIVING : Mode.LOADING;
            }
            case LOADING, DELIVERING -> Mode.DRIVING;
            case DRIVING -> day && stops > 0 && battery >= LOW_BATTERY ? Mode.DELIVERING : Mode.IDLE;
            case CHARGING -> Mode.IDLE;
        };
    }

    private void enter(Mode next) {
        if (next == Mode.LOADING) {
            stops = 6 + random.nextInt(9);
        } else if (next == Mode.DELIVERING) {
            stops--;
        }
        mode = next;
        stayS = (int) Math.max(next.leastStayS, next.medianStayS * Math.exp(STAY_SPREAD * random.nextGaussian()));
    }
}
