package dev.outboard.transport.kerneltcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.packet.peers.Endpoint;
import dev.outboard.spi.Priority;
import dev.outboard.transport.kerneltcp.pool.Lease;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each priority has connections of its own, which it alone can fill, and the urgent come first. */
class PriorityTest {
  private static final int PORT = 27_470;
  private static final long PATIENCE = 20_000_000_000L;

  /** Offers a frame once, as a guest of this priority would; how many were taken. */
  private static int offer(Sidecar from, int hop, Priority priority, int number, int length) {
    from.add(hop, 1, number, length);
    from.sent.setPriority(priority);
    return from.send();
  }

  private static void send(Sidecar from, int hop, Priority priority, int number) {
    long deadline = System.nanoTime() + PATIENCE;
    while (offer(from, hop, priority, number, 100) == 0) {
      assertTrue(System.nanoTime() < deadline, () -> priority + ": " + from.counts());
      from.port.arm();
    }
  }

  private static void receive(Sidecar by, Sidecar from, int frames) {
    long[] got = new long[1];
    from.receiveUntil(
        () -> {
          got[0] += poll(by);
          return got[0] == frames;
        });
  }

  /** What a worker does that has nothing else to do: it receives, and acknowledges. */
  private static int poll(Sidecar by) {
    int count = by.receive();
    by.port.release(by.received);
    by.port.arm();
    return count;
  }

  private static List<Long> lent(Sidecar of) {
    return List.of(
        of.count("pool-lent-latency"), of.count("pool-lent-standard"), of.count("pool-lent-bulk"));
  }

  @Test
  void eachPriorityHasConnectionsOfItsOwnAndNoneBeforeItsFirstFrame() throws Exception {
    try (Sidecar one = new Sidecar(PORT, "connections", "1", "spare", "0");
        Sidecar two = new Sidecar(PORT + 1)) {
      two.peer(PORT);
      int hop = one.peer(PORT + 1).number();
      send(one, hop, Priority.STANDARD, 1);
      assertEquals(List.of(0L, 1L, 0L), lent(one));
      assertEquals(1, one.count("pool-opened"));
      send(one, hop, Priority.BULK, 2);
      assertEquals(List.of(0L, 1L, 1L), lent(one));
      send(one, hop, Priority.LATENCY, 3);
      send(one, hop, Priority.LATENCY, 4);
      assertEquals(List.of(1L, 1L, 1L), lent(one));
      assertEquals(3, one.count("pool-opened"));
      receive(two, one, 4);
      assertEquals(Map.of(), one.counts());
    }
  }

  @Test
  void connectionsOfAllPrioritiesGoBackWhenTheyAreNotUsed() throws Exception {
    try (Sidecar one = new Sidecar(PORT, "connections", "1", "idle-ms", "50");
        Sidecar two = new Sidecar(PORT + 1)) {
      two.peer(PORT);
      int hop = one.peer(PORT + 1).number();
      for (Priority each : Priority.values()) {
        send(one, hop, each, 1);
      }
      receive(two, one, 3);
      one.receiveUntil(() -> poll(two) == 0 && lent(one).equals(List.of(0L, 0L, 0L)));
      send(one, hop, Priority.BULK, 2);
      assertEquals(List.of(0L, 0L, 1L), lent(one));
      receive(two, one, 1);
    }
  }

  @Test
  void aFullConnectionOfBulkHoldsUpNoOther() throws Exception {
    try (Sidecar one = new Sidecar(PORT, "connections", "1", "buffer-bytes", "32768");
        Sidecar two = new Sidecar(PORT + 1, "buffer-bytes", "32768")) {
      two.peer(PORT);
      int hop = one.peer(PORT + 1).number();
      for (Priority each : Priority.values()) {
        send(one, hop, each, 0);
      }
      receive(two, one, 3);
      long deadline = System.nanoTime() + PATIENCE;
      while (one.count("socket-full") == 0) {
        assertTrue(System.nanoTime() < deadline, one.counts().toString());
        int _ = offer(one, hop, Priority.BULK, 1_000_000, 60_000);
      }
      long dropped = one.count("socket-full");
      for (int i = 0; i < 20; i++) {
        assertEquals(1, offer(one, hop, Priority.BULK, 1_000_000, 1000), "it is dropped");
        assertEquals(1, offer(one, hop, Priority.LATENCY, i, 100), "it is taken at once");
        assertEquals(1, offer(one, hop, Priority.STANDARD, i, 100), "and so is this");
      }
      assertEquals(dropped + 20, one.count("socket-full"), "all of them of bulk");
      int[] small = new int[1];
      one.receiveUntil(
          () -> {
            int count = two.receive();
            for (int i = 0; i < count; i++) {
              small[0] += two.number(i, 0) < 20 ? 1 : 0;
            }
            two.port.release(two.received);
            two.port.arm();
            return small[0] == 40;
          });
    }
  }

  @Test
  void whenConnectionsAreShortTheMostUrgentGetsOneFirst() throws Exception {
    try (Sidecar one = new Sidecar(PORT);
        Sidecar two = new Sidecar(PORT + 1)) {
      assertTrue(two.port.arm());
      ControlLoop loop = new ControlLoop("test");
      // Under full pressure a pool has one connection at most.
      Endpoint endpoint = Endpoint.parse("127.0.0.1:" + (PORT + 1), 0);
      Peer peer = new Peer(endpoint, loop, TcpSettings.of(one), 1, new PoolGauges(one), () -> 1);
      Map<Priority, Lane> lanes = new EnumMap<>(Priority.class);
      List<Peer.Place> places = new ArrayList<>();
      for (Priority each : List.of(Priority.BULK, Priority.STANDARD, Priority.LATENCY)) {
        Peer.Place place = place(one, peer, loop, each);
        places.add(place);
        lanes.put(each, place.lane());
      }
      // All ask before the first connection is there.
      loop.execute(
          () -> {
            places.forEach(peer::add);
            places.forEach(peer::want);
          });
      for (Priority each : Priority.values()) {
        Lane lane = lanes.remove(each);
        one.receiveUntil(lane::isUp);
        lanes.values().forEach(other -> assertFalse(other.isUp()));
        assertEquals(1, one.count("pool-size"));
        lane.close();
      }
      one.receiveUntil(() -> one.count("pool-lent") == 0);
      loop.execute(
          () -> {
            var _ = peer.close().thenRun(() -> loop.execute(loop::stop));
          });
      loop.close();
    }
  }

  /** A lane for frames of this priority. */
  private static Peer.Place place(Sidecar of, Peer peer, ControlLoop loop, Priority priority)
      throws Exception {
    TrunkPort port = (TrunkPort) of.port;
    Peer.Place[] place = new Peer.Place[1];
    Lane lane =
        new Lane(
            port.sockets,
            port.drops,
            new Lane.Wishes() {
              @Override
              public void ended(Lease<Trunk> lease, Lane.End why) {
                loop.execute(() -> peer.takeBack(place[0], lease, why));
              }

              @Override
              public void wanted() {
                throw new AssertionError("it wants one already");
              }
            });
    place[0] = new Peer.Place(port, lane, priority);
    return place[0];
  }
}
