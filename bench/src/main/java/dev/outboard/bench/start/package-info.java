/**
 * {@code ./outboard bench start}: how long a sidecar takes from its start to the first frame and to
 * full speed. {@link StartCommand} is the way in.
 */
package dev.outboard.bench.start;
