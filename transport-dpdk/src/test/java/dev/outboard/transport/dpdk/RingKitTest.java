package dev.outboard.transport.dpdk;

import dev.outboard.spi.TransportProvider;
import dev.outboard.testkit.SharedTransportKit;
import dev.outboard.testkit.Side;
import org.junit.jupiter.api.Nested;

/**
 * The transport keeps the SPI's contract, between two {@code net_ring} devices of this process:
 * without huge pages and without root. Networks have VLAN tags, or the usual one has none; workers
 * have queues of their own, or share one.
 */
class RingKitTest {
  /** Two uplinks at the ends of a cable. */
  abstract static class OverRings extends SharedTransportKit {
    private final int queues;
    private final int untagged;

    OverRings(int queues, int untagged) {
      this.queues = queues;
      this.untagged = untagged;
    }

    @Override
    protected TransportProvider provider() {
      return new DpdkProvider();
    }

    @Override
    protected Side left() {
      return side("net_ring0", "net_ring1");
    }

    @Override
    protected Side right() {
      return side("net_ring1", "net_ring0");
    }

    private Side side(String here, String there) {
      return Side.at(Vlans.WIRE)
          .with("device", here + ",peer=" + there + ",queues=" + queues)
          .with("untagged", String.valueOf(untagged));
    }
  }

  @Nested
  class WithVlansAndAQueueForEachWorker extends OverRings {
    WithVlansAndAQueueForEachWorker() {
      super(4, 1);
    }
  }

  @Nested
  class UntaggedAndASharedQueue extends OverRings {
    UntaggedAndASharedQueue() {
      super(1, 7);
    }
  }
}
