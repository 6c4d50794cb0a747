/**
 * The threads that move frames, and what they need of a guest. A worker owns guests, or shares of
 * them, and their uplink ports: it alone polls those transmit queues and calls those ports. It
 * learns of changes by commands, run between bursts.
 */
package dev.outboard.engine.worker;
