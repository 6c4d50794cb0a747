package dev.outboard.transport.tuntap;

import dev.outboard.spi.PortSpec;
import dev.outboard.spi.PortState;
import dev.outboard.spi.TransportException;
import java.util.List;
import java.util.Map;

/**
 * A port as one process tells it to the next, which uses the same TAP on the same bridge: frames
 * that come meanwhile wait in the TAP's queue. Control thread.
 *
 * @param tap the device
 * @param bridge the name of the bridge that it is a port of
 * @param headerSize of the virtio-net header that it has been set to
 * @param offloadFlags the offloads that it has been set to
 */
record TapState(PooledTap tap, String bridge, int headerSize, int offloadFlags) {
  private static final String NAME = "tap";
  private static final String INDEX = "index";
  private static final String BRIDGE = "bridge";
  private static final String MADE_FOR = "made-for";
  private static final String HEADER = "header";
  private static final String OFFLOADS = "offloads";

  /** The form that travels. */
  PortState toPortState(PortSpec spec) {
    return new PortState(
        Map.of(
            NAME, tap.name(),
            INDEX, Integer.toString(tap.index()),
            BRIDGE, bridge,
            MADE_FOR, madeFor(spec),
            HEADER, Integer.toString(headerSize),
            OFFLOADS, Integer.toString(offloadFlags)),
        List.of(tap.fd()));
  }

  /**
   * Reads that form.
   *
   * @throws TransportException if the port was made for something else than the specification says
   */
  static TapState of(PortSpec spec, PortState state) throws TransportException {
    Map<String, String> values = state.values();
    if (!madeFor(spec).equals(values.get(MADE_FOR))) {
      throw new TransportException(
          "its port in the running daemon is for %s, here it would be for %s: detach it, or restart"
              .formatted(values.get(MADE_FOR), madeFor(spec)));
    }
    try {
      int fd = state.files().getFirst();
      return new TapState(
          new PooledTap(values.get(NAME), fd, Integer.parseInt(values.get(INDEX))),
          values.get(BRIDGE),
          Integer.parseInt(values.get(HEADER)),
          Integer.parseInt(values.get(OFFLOADS)));
    } catch (RuntimeException e) {
      throw new TransportException("the running daemon tells nothing usable of its port", e);
    }
  }

  /** What can't change while the port stays the same device. */
  private static String madeFor(PortSpec spec) {
    return "network %d, tenant %s, MTU %d, %s"
        .formatted(spec.network(), spec.tenant(), spec.mtu(), spec.mac());
  }
}
