/**
 * What one process tells the next of a guest when it hands it over: plain values and the numbers of
 * file descriptors, which whoever carries them puts into those of the other process.
 */
package dev.outboard.engine.handover;
