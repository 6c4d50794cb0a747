package dev.outboard.spi;

import java.util.List;
import java.util.Map;

/**
 * What another process of the sidecar has to know to go on with a port. Plain values: it travels
 * over a socket.
 *
 * @param values whatever the transport needs, in words of its own
 * @param files file descriptors; whoever carries the state changes them into those of the process
 *     that receives it
 */
public record PortState(Map<String, String> values, List<Integer> files) {
  /** A copy that nobody changes. */
  public PortState {
    values = Map.copyOf(values);
    files = List.copyOf(files);
  }
}
