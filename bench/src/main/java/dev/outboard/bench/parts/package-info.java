/**
 * {@code ./outboard bench parts}: what the steps on a frame's way cost by themselves, in a warm
 * cache, by JMH. {@link PartsCommand} is the way in.
 */
package dev.outboard.bench.parts;
