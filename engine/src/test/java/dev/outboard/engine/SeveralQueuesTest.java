package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.Frames;
import dev.outboard.guest.MultiQueueGuest;
import dev.outboard.guest.MultiQueueGuest.Handover;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNet;
import dev.outboard.packet.FlowHash;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A guest with several queue pairs: flows are spread over them, and each keeps its order. */
class SeveralQueuesTest {
  private static final int PAIRS = 4;
  private static final int FLOWS = 64;

  /** No more frames under way than the smallest queue takes: then none is dropped. */
  private static final int WINDOW = 48;

  private static final long MANY_FRAMES = 100_000;

  private static final int MULTIQUEUE_CLASS = 4;
  private static final long ONE_QUEUE = VirtioNet.VERSION_1;
  private static final long CONTROL = ONE_QUEUE | VirtioNet.CTRL_VQ | VirtioNet.MQ;

  private TestHost host;

  @BeforeEach
  void start() throws Exception {
    host = new TestHost();
  }

  @AfterEach
  void stop() throws IOException {
    host.close();
  }

  private MultiQueueGuest boot(
      int n, Frontend frontend, int pairs, long features, Handover handover) throws Exception {
    host.engine.attach(host.spec(n, frontend, pairs));
    MultiQueueGuest guest =
        new MultiQueueGuest("g" + n, pairs, features, handover, host.connect(n));
    TestHost.await(() -> host.status("g" + n).state() == GuestStatus.State.RUNNING);
    return guest;
  }

  /** A TCP segment of a flow, whose sequence number counts the flow's frames. */
  private static byte[] frame(int from, int to, int flow, int sequence) {
    byte[] source = TestHost.endpoint(from).address().getAddress();
    byte[] target = TestHost.endpoint(to).address().getAddress();
    byte[] segment = Frames.tcp(source, target, 10_000 + flow, 80, sequence, new byte[64]);
    return Frames.ethernet(
        TestHost.endpoint(to).mac(),
        TestHost.endpoint(from).mac(),
        Frames.TYPE_IPV4,
        Frames.ipv4Packet(source, target, 6, segment));
  }

  private static int flow(byte[] received) {
    return ByteBuffer.wrap(received).getShort(VirtioNet.HEADER_SIZE + 34) - 10_000;
  }

  private static int sequence(byte[] received) {
    return ByteBuffer.wrap(received).getInt(VirtioNet.HEADER_SIZE + 38);
  }

  /** Sends rounds of all flows by all queues; returns the queues of the receiver by flow. */
  private static Map<Integer, Set<Integer>> exchange(
      MultiQueueGuest from, MultiQueueGuest to, int sendingPairs, int receivingPairs) {
    Map<Integer, Set<Integer>> queues = new TreeMap<>();
    Map<Integer, Integer> next = new HashMap<>();
    int rounds = 50;
    int received = 0;
    long deadline = System.nanoTime() + 10_000_000_000L;
    for (int round = 0; round < rounds; round++) {
      for (int flow = 0; flow < FLOWS; flow++) {
        assertTrue(from.send(flow % sendingPairs, frame(1, 2, flow, round)));
        int sent = round * FLOWS + flow + 1;
        do {
          received += collect(to, receivingPairs, queues, next);
          assertTrue(System.nanoTime() < deadline, "frames are missing");
        } while (sent - received >= WINDOW);
      }
    }
    while (received < rounds * FLOWS && System.nanoTime() < deadline) {
      received += collect(to, receivingPairs, queues, next);
    }
    assertEquals(rounds * FLOWS, received);
    return queues;
  }

  private static int collect(
      MultiQueueGuest to,
      int pairs,
      Map<Integer, Set<Integer>> queues,
      Map<Integer, Integer> next) {
    int received = 0;
    for (int pair = 0; pair < pairs; pair++) {
      for (byte[] bytes = to.receive(pair); bytes != null; bytes = to.receive(pair)) {
        received++;
        queues.computeIfAbsent(flow(bytes), f -> new HashSet<>()).add(pair);
        int expected = next.getOrDefault(flow(bytes), 0);
        assertEquals(expected, sequence(bytes), "order in flow " + flow(bytes));
        next.put(flow(bytes), expected + 1);
      }
    }
    return received;
  }

  @ParameterizedTest
  @EnumSource(Handover.class)
  void flowsAreSpreadAndEachKeepsItsQueueAndOrder(Handover handover) throws Exception {
    try (MultiQueueGuest a = boot(1, Frontend.QEMU, PAIRS, ONE_QUEUE | VirtioNet.MQ, handover);
        MultiQueueGuest b = boot(2, Frontend.QEMU, PAIRS, ONE_QUEUE | VirtioNet.MQ, handover)) {
      Map<Integer, Set<Integer>> queues = exchange(a, b, PAIRS, PAIRS);
      Set<Integer> used = new HashSet<>();
      for (Set<Integer> ofFlow : queues.values()) {
        assertEquals(1, ofFlow.size(), "a flow is in one queue");
        used.addAll(ofFlow);
      }
      assertEquals(PAIRS, used.size(), "all queues are used");
      assertEquals(Map.of(), host.drops(1));
    }
  }

  @Test
  void aDriverThatDoesNotTakeSeveralQueuesUsesTheFirstPair() throws Exception {
    try (MultiQueueGuest a = boot(1, Frontend.QEMU, 1, ONE_QUEUE, Handover.TABLE)) {
      host.engine.attach(host.spec(2, Frontend.QEMU, PAIRS));
      try (MultiQueueGuest b =
          new MultiQueueGuest("g2", 1, ONE_QUEUE, Handover.TABLE, host.connect(2))) {
        TestHost.await(() -> host.status("g2").state() == GuestStatus.State.RUNNING);
        Map<Integer, Set<Integer>> queues = exchange(a, b, 1, 1);
        assertEquals(FLOWS, queues.size());
      }
    }
  }

  @Test
  void aDriverChoosesItsNumberOfPairsByTheControlQueue() throws Exception {
    try (MultiQueueGuest a = boot(1, Frontend.QEMU, 1, ONE_QUEUE, Handover.TABLE);
        MultiQueueGuest b = boot(2, Frontend.CROSVM, PAIRS, CONTROL, Handover.SLOTS)) {
      assertEquals(1, queuesUsed(exchange(a, b, 1, PAIRS)), "one pair before it chooses");
      for (int pairs : new int[] {PAIRS, 2, 1, 3}) {
        assertEquals(0, b.command(MULTIQUEUE_CLASS, 0, (byte) pairs, (byte) 0));
        assertNotNull(b.frontend().getConfig(0, 12), "the change is made before the next message");
        assertEquals(pairs, queuesUsed(exchange(a, b, 1, PAIRS)));
      }
    }
  }

  @Test
  void framesThatTwoWorkersDeliverToTwoQueuesAtOnceAreAllCounted() throws Exception {
    host.close();
    host = new TestHost(new EngineSettings(2, List.of(), 50, 100, 64));
    int evenNumber = senderTo(3, 0);
    int oddNumber = senderTo(3, 1);
    VhostUserGuest even = host.start(evenNumber);
    VhostUserGuest odd = host.start(oddNumber);
    assertEquals(1, host.status("g" + evenNumber).worker() + host.status("g" + oddNumber).worker());
    try (MultiQueueGuest target =
        boot(3, Frontend.QEMU, 2, ONE_QUEUE | VirtioNet.MQ, Handover.TABLE)) {
      FrameTemplate evenFrames = rawFrames(evenNumber, 3);
      FrameTemplate oddFrames = rawFrames(oddNumber, 3);
      Thread beside =
          Thread.ofPlatform().start(() -> stream(odd, oddFrames, target, 1, MANY_FRAMES));
      stream(even, evenFrames, target, 0, MANY_FRAMES);
      TestHost.join(beside);
      TestHost.await(() -> host.counters(oddNumber).sentFrames() == MANY_FRAMES);
      assertEquals(2 * MANY_FRAMES, host.counters(3).receivedFrames());
      assertEquals(2 * MANY_FRAMES * evenFrames.length(), host.counters(3).receivedBytes());
    }
  }

  private static FrameTemplate rawFrames(int from, int to) {
    return FrameTemplate.raw(TestHost.endpoint(from), TestHost.endpoint(to), 64);
  }

  /** A guest whose frames to {@code target} come into this one of its two queues. */
  private static int senderTo(int target, int queue) {
    long to = TestHost.endpoint(target).mac();
    for (int n = target + 1; ; n++) {
      byte[] frame =
          Frames.ethernet(to, TestHost.endpoint(n).mac(), Frames.TYPE_TEST, new byte[46]);
      MemorySegment memory = MemorySegment.ofArray(frame);
      if (Integer.remainderUnsigned(FlowHash.of(memory, 0, frame.length), 2) == queue) {
        return n;
      }
    }
  }

  /** Sends all, and takes them out of one of the target's queues. */
  private static void stream(
      VhostUserGuest from, FrameTemplate template, MultiQueueGuest to, int queue, long frames) {
    FrameCheck check = new FrameCheck(template);
    long sent = 0;
    while (check.frames() < frames) {
      int room = (int) Math.min(WINDOW - (sent - check.frames()), frames - sent);
      sent += room > 0 ? from.send(template, sent, room) : 0;
      int _ = to.receive(queue, check, WINDOW);
    }
    assertEquals(0, check.lost() + check.late());
  }

  private static int queuesUsed(Map<Integer, Set<Integer>> queues) {
    Set<Integer> used = new HashSet<>();
    queues.values().forEach(used::addAll);
    return used.size();
  }
}
