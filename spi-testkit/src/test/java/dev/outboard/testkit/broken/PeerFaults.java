package dev.outboard.testkit.broken;

import static dev.outboard.testkit.broken.Fault.SHARED;

import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.GuestPort;
import dev.outboard.spi.NextHop;
import dev.outboard.spi.PortSpec;
import dev.outboard.spi.SharedPort;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import java.util.ArrayList;
import java.util.List;

/** Faults with peers. */
final class PeerFaults {
  private PeerFaults() {}

  /** Opens a peer in a way of its own. */
  private interface Opening {
    NextHop open(Transport real, int network, String endpoint) throws TransportException;
  }

  private static Fault opening(String rule, String seen, Opening opening) {
    return SHARED.uplink(
        rule,
        seen,
        (real, context, _) ->
            new BrokenTransport(real, context.regions()) {
              @Override
              public NextHop openPeer(int network, String endpoint) throws TransportException {
                return opening.open(real, network, endpoint);
              }
            });
  }

  /** A next hop with another number, or that stays open. */
  private record Hop(int number, Runnable closing) implements NextHop {
    @Override
    public void close() {
      closing.run();
    }
  }

  static List<Fault> all() {
    List<NextHop> opened = new ArrayList<>();
    return List.of(
        opening(
            "peer-1",
            "the number, asked for again",
            (real, network, endpoint) -> {
              NextHop hop = real.openPeer(network, endpoint);
              opened.add(hop);
              return new Hop(hop.number() + 100 * opened.size(), hop::close);
            }),
        opening(
            "peer-2",
            "in two networks",
            (real, network, endpoint) -> new Hop(1, real.openPeer(network, endpoint)::close)),
        SHARED.uplink("peer-3", "frames arrived", PeerFaults::closingAll).waiting(),
        opening("peer-4", "number", PeerFaults::openForEver),
        opening("peer-5", "4 of 4 frames were yielded", PeerFaults::openForEver),
        opening(
            "peer-6",
            "4 of 4 frames were yielded",
            (real, network, endpoint) -> {
              NextHop _ = real.openPeer(network + 2, endpoint);
              return real.openPeer(network, endpoint);
            }),
        SHARED.uplink("peer-7", "4 of 4 frames were yielded", PeerFaults::hearingAll),
        opening(
            "peer-8",
            "IllegalArgumentException",
            (real, network, endpoint) -> {
              if (!endpoint.matches("[a-z]+")) {
                throw new IllegalArgumentException(endpoint);
              }
              return real.openPeer(network, endpoint);
            }),
        SHARED.uplink(
            "peer-9",
            "UnsupportedOperationException",
            (real, context, _) ->
                new BrokenTransport(real, context.regions()) {
                  @Override
                  public GuestPort openPort(PortSpec spec) {
                    throw new UnsupportedOperationException();
                  }
                }),
        SHARED.uplink("peer-10", "of 1 frames arrived", PeerFaults::oneWorkerOnly).waiting());
  }

  private static NextHop openForEver(Transport real, int network, String endpoint)
      throws TransportException {
    return new Hop(real.openPeer(network, endpoint).number(), () -> {});
  }

  private static Transport closingAll(
      Transport real, TransportContext context, BrokenProvider provider) {
    List<NextHop> all = new ArrayList<>();
    return new BrokenTransport(real, context.regions()) {
      @Override
      public NextHop openPeer(int network, String endpoint) throws TransportException {
        NextHop hop = real.openPeer(network, endpoint);
        all.add(hop);
        return new Hop(hop.number(), () -> all.forEach(NextHop::close));
      }
    };
  }

  private static Transport hearingAll(
      Transport real, TransportContext context, BrokenProvider provider) {
    return new BrokenTransport(real, context.regions()) {
      @Override
      public SharedPort openSharedPort(int worker) throws TransportException {
        NextHop _ = real.openPeer(7, "left");
        return super.openSharedPort(worker);
      }
    };
  }

  private static Transport oneWorkerOnly(
      Transport real, TransportContext context, BrokenProvider provider) {
    return new BrokenTransport(real, context.regions()) {
      @Override
      public SharedPort openSharedPort(int worker) throws TransportException {
        return new BrokenPort(real.openSharedPort(worker)) {
          @Override
          public int transmit(FrameBurst frames, int from, int count) {
            return worker > 0 ? count : super.transmit(frames, from, count);
          }
        };
      }
    };
  }
}
