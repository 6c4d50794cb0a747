package dev.outboard.engine.handover;

import java.util.function.IntUnaryOperator;

/**
 * The in-flight file that a front-end keeps.
 *
 * @param file a file descriptor
 */
public record InflightState(int file, long offset, int queues, int queueSize) {

  InflightState withFiles(IntUnaryOperator change) {
    return new InflightState(Files.change(file, change), offset, queues, queueSize);
  }
}
