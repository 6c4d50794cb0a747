package dev.outboard.engine.handover;

import java.util.function.IntUnaryOperator;

/**
 * What a front-end has said of one virtqueue, and how far the ring has come.
 *
 * @param base the position to go on from
 * @param kick a file descriptor or -1, as {@code call} and {@code error}
 */
public record RingState(
    int size,
    int base,
    long descriptors,
    long avail,
    long used,
    boolean addressesKnown,
    boolean started,
    boolean enabled,
    int kick,
    int call,
    int error) {

  RingState withFiles(IntUnaryOperator change) {
    return new RingState(
        size,
        base,
        descriptors,
        avail,
        used,
        addressesKnown,
        started,
        enabled,
        Files.change(kick, change),
        Files.change(call, change),
        Files.change(error, change));
  }
}
