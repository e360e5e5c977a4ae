/** JMH benchmarks of the parts of a step: {@code sequitur bench micro} runs them. */
package dev.sequitur.deploy.bench.micro;
