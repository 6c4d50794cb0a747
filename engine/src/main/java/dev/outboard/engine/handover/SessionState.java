package dev.outboard.engine.handover;

import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * A VMM's connection: its socket, the part of a message that has come already, and the device as
 * the VMM has described it.
 *
 * @param socket a file descriptor
 * @param unread the bytes of the message, as hexadecimal digits
 * @param unreadFiles the file descriptors that came with it
 * @param backend the file descriptor for requests to the VMM, or -1
 * @param inflight null if there is none
 */
public record SessionState(
    int socket,
    String unread,
    List<Integer> unreadFiles,
    long features,
    long protocolFeatures,
    long status,
    int chosenPairs,
    boolean announce,
    int backend,
    List<RingState> rings,
    List<RegionState> memory,
    InflightState inflight) {

  SessionState withFiles(IntUnaryOperator change) {
    return new SessionState(
        Files.change(socket, change),
        unread,
        unreadFiles.stream().map(file -> Files.change(file, change)).toList(),
        features,
        protocolFeatures,
        status,
        chosenPairs,
        announce,
        Files.change(backend, change),
        rings.stream().map(ring -> ring.withFiles(change)).toList(),
        memory.stream().map(region -> region.withFiles(change)).toList(),
        inflight == null ? null : inflight.withFiles(change));
  }
}
