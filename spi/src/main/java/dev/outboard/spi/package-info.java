/**
 * The contract between the sidecar and what can be plugged into it. It needs the JDK alone.
 *
 * <p>Control objects and hot-path objects are different types. Control objects ({@link
 * dev.outboard.spi.TransportProvider}, {@link dev.outboard.spi.Transport}) may block, throw and
 * allocate, and grow by default methods. Hot-path objects ({@link dev.outboard.spi.FramePort},
 * {@link dev.outboard.spi.FrameBurst}) are used by one worker thread at a time, between its other
 * work: they never block, throw or allocate; they move bursts and answer with counts.
 */
package dev.outboard.spi;
