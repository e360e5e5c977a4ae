package dev.sequitur.deploy.demo;

import java.util.Locale;

/** What a delivery vehicle is doing. */
enum Mode {
    IDLE(360, 120, 0.03),
    LOADING(720, 240, 0.25),
    DRIVING(420, 120, 0.2),
    DELIVERING(180, 60, 0.15),
    /** Lasts until the battery is full enough. */
    CHARGING(Integer.MAX_VALUE, 0, 0.05);

    /** Median and least stay, seconds. A stay is longer than the longest pause between two readings. */
    final int medianStayS;

    final int leastStayS;
    /** Vibration while the wheels stand still, g. */
    final double vibration;

    Mode(int medianStayS, int leastStayS, double vibration) {
        this.medianStayS = medianStayS;
        this.leastStayS = leastStayS;
        this.vibration = vibration;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
