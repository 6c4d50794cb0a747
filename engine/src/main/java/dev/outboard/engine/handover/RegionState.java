package dev.outboard.engine.handover;

import java.util.function.IntUnaryOperator;

/**
 * One line of a guest's memory table.
 *
 * @param file a file descriptor
 */
public record RegionState(
    long guestAddress, long size, long userAddress, long fileOffset, int file) {

  RegionState withFiles(IntUnaryOperator change) {
    return new RegionState(guestAddress, size, userAddress, fileOffset, Files.change(file, change));
  }
}
