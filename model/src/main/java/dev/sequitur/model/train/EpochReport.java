package dev.sequitur.model.train;

/**
 * One epoch.
 *
 * @param epoch from 1
 * @param trainingLoss nats per event, as it was trained: with dropout, class weights and sampled classes
 * @param validationLoss nats per event
 * @param gradientNorm largest norm of a gradient before it was clipped
 * @param best whether the validation loss is the lowest so far
 */
public record EpochReport(
        int epoch, double trainingLoss, double validationLoss, double gradientNorm, double seconds, boolean best) {}
