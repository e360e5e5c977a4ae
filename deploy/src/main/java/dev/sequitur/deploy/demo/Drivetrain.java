package dev.sequitur.deploy.demo;

import java.util.random.RandomGenerator;

/**
 * The physics of a vehicle, in steps of one second. Speed follows traffic; current follows speed and acceleration; the
 * battery integrates current; the motor's temperature integrates the current's square and leaks to the air; the road
 * under the wheels changes slowly. So what comes next depends on what came before, not on the last reading alone.
 *
 * <p>Threading: belongs to one thread.
 */
final class Drivetrain {
    private static final double MASS_KG = 3200;
    private static final double ROLLING_N = 0.012 * MASS_KG * 9.81;
    /** ½ · air density · drag coefficient · area. */
    private static final double DRAG = 0.5 * 1.2 * 0.75 * 4.0;

    private static final double DRIVE_EFFICIENCY = 0.9;
    private static final double BRAKE_EFFICIENCY = 0.6;
    private static final double VOLTS = 400;
    private static final double AUXILIARY_A = 1;
    private static final double BATTERY_AH = 200;
    private static final double CHARGE_A = 120;
    private static final double SPEED_UP_KMH_S = 5.4;
    private static final double SLOW_DOWN_KMH_S = 9;
    /** °C a second and square ampere. */
    private static final double HEAT = 2e-5;
    /** Share of the warmth above the air's that a standing motor loses in a second. */
    private static final double COOLING = 1 / 900.0;

    private static final double ROAD_MEMORY_S = 300;
    private static final double ROAD_SPREAD = 0.25;

    private final RandomGenerator random;
    private int trafficS;
    private double trafficKmh;
    private double road;
    private double speed;
    private double ampereSeconds;
    private int seconds;
    private double temperature;
    private double battery;

    Drivetrain(RandomGenerator random, int hourOfDay) {
        this.random = random;
        this.battery = 60 + 35 * random.nextDouble();
        this.temperature = air(hourOfDay) + 20 * random.nextDouble();
        this.road = ROAD_SPREAD * random.nextGaussian();
    }

    /** @param leak percent of the battery that is lost on top, a second */
    void tick(Mode mode, boolean stopping, int hourOfDay, double leak) {
        double before = speed;
        followTraffic(mode == Mode.DRIVING && !stopping);
        double motorAmperes = motorAmperes((speed - before) / 3.6);
        double current = AUXILIARY_A + motorAmperes - (mode == Mode.CHARGING ? chargeAmperes() : 0);
        ampereSeconds += current;
        seconds++;
        battery = Math.max(0, Math.min(100, battery - current / BATTERY_AH / 36 - leak));
        temperature += HEAT * motorAmperes * motorAmperes - COOLING * (1 + speed / 60) * (temperature - air(hourOfDay));
        road += -road / ROAD_MEMORY_S + ROAD_SPREAD * Math.sqrt(2 / ROAD_MEMORY_S) * random.nextGaussian();
    }

    private void followTraffic(boolean moving) {
        // Drawn whether it drives or not: what a vehicle draws doesn't depend on what happens to it.
        int stay = 10 + random.nextInt(50);
        double draw = random.nextDouble();
        if (--trafficS <= 0) {
            trafficS = stay;
            trafficKmh = draw < 0.15 ? 0 : draw < 0.5 ? 30 : draw < 0.85 ? 50 : 80;
        }
        double target = moving ? trafficKmh : 0;
        speed = target > speed ? Math.min(target, speed + SPEED_UP_KMH_S) : Math.max(target, speed - SLOW_DOWN_KMH_S);
    }

    private double motorAmperes(double acceleration) {
        double v = speed / 3.6;
        double watts = (MASS_KG * acceleration + (speed > 0 ? ROLLING_N : 0) + DRAG * v * v) * v;
        return (watts > 0 ? watts / DRIVE_EFFICIENCY : watts * BRAKE_EFFICIENCY) / VOLTS;
    }

    /** Full up to 80 percent, then less and less. */
    private double chargeAmperes() {
        return battery < 80 ? CHARGE_A : CHARGE_A * (1 - 0.85 * (battery - 80) / 20);
    }

    /** °C, coldest at four, warmest at sixteen. */
    private static double air(int hourOfDay) {
        return 12 - 6 * Math.cos(2 * Math.PI * (hourOfDay - 4) / 24);
    }

    boolean rolling() {
        return speed > 0;
    }

    double speed() {
        return speed;
    }

    /** A, mean since the call before. */
    double meanCurrent() {
        double mean = seconds == 0 ? AUXILIARY_A : ampereSeconds / seconds;
        ampereSeconds = 0;
        seconds = 0;
        return mean;
    }

    double temperature() {
        return temperature;
    }

    double battery() {
        return battery;
    }

    /** g, with the mode's share. */
    double vibration(Mode mode) {
        return mode.vibration + 0.02 * speed * Math.exp(road);
    }
}
