/**
 * The control side: one thread that owns everything about guests but their frames. It never waits
 * for a guest, a VMM or a worker; what takes time is a command to a worker and a continuation.
 */
package dev.outboard.engine.control;
