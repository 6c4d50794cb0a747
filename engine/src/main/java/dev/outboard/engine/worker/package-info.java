/**
 * The threads that move frames, and what they need of a guest. A worker owns guests and their
 * uplink ports: it alone polls their transmit queues and calls their ports. It learns of changes by
 * commands, run between bursts.
 */
package dev.outboard.engine.worker;
